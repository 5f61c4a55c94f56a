import { contentEffects } from "./content-effects.ts";
import { nameEffects } from "./name-effects.ts";
import type { Call } from "./strace-text.ts";
import { type Effects, Traced } from "./traced.ts";
import { unseenEffects } from "./unseen-effects.ts";
import type { VolatileTree } from "./volatile-tree.ts";

interface Step {
  readonly line: number;
  readonly call: Call;
  run(): void;
}

const effectsOf = (traced: Traced): Effects => ({
  ...nameEffects(traced),
  ...contentEffects(traced),
  ...unseenEffects(traced),
});

/** What a replay must know of: all other calls change nothing in a directory. */
export const callsWithEffects: readonly string[] = Object.keys(
  effectsOf(new Traced([], { root: "/", cwd: "/" })),
);

/** Does to a tree, call by call, what a trace says that was done to a directory. */
export class Replay {
  readonly #traced: Traced;
  readonly #steps: readonly Step[];
  readonly #touched: number[] = [];
  #done = 0;

  constructor(calls: readonly Call[], options: { readonly root: string; readonly cwd: string }) {
    this.#traced = new Traced(calls, options);
    const effects = effectsOf(this.#traced);
    this.#steps = calls.flatMap((call) => stepsOf(effects, call)).sort((a, b) => a.line - b.line);
  }

  get tree(): VolatileTree {
    return this.#traced.tree;
  }

  /** What was done so far that the trace doesn't show. */
  get unseen(): ReadonlySet<string> {
    return this.#traced.unseen;
  }

  /** The lines so far at which something was done to the directory, or to a file in it. */
  get touched(): readonly number[] {
    return this.#touched;
  }

  /** Everything that had begun or ended before the line. */
  advance(line: number): void {
    for (; this.#done < this.#steps.length; this.#done++) {
      const step = this.#steps[this.#done];
      if (step === undefined || step.line >= line) return;
      if (this.#traced.concerns(step.call)) this.#touched.push(step.line);
      step.run();
    }
  }
}

/** What failed did nothing. */
const stepsOf = (effects: Effects, call: Call): Step[] => {
  const { begin, end } = effects[call.name] ?? {};
  if (call.result === -1) return [];
  return [
    ...(begin ? [{ line: call.begun, call, run: () => begin(call) }] : []),
    ...(end && call.result !== undefined ? [{ line: call.ended, call, run: () => end(call) }] : []),
  ];
};
