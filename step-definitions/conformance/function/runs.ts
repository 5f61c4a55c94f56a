import { setImmediate } from "node:timers/promises";
import { type CallContext, CodedError, type Invocation, type PluginFunction } from "pagurus";
import type { FunctionsUnderTest, Place } from "./functions-under-test.ts";
import { invokeToItsEnd } from "./prepare.ts";
import { type Run, watchedFunction } from "./watched-function.ts";

/** How long a function may take to end once it was told to: what it has to put back is little. */
export const ABORT_ENDS_WITHIN_MS = 3_000;
/** Turns of the event loop after which a function that waits for nothing of its context is told to end. */
const TURNS = 20;
/** Each costs an engine. */
const MOST_TOUCHES = 3;

/** When a run is told to end: at once, some turns later, or at its n-th touch of its context. */
export type Moment = "at its beginning" | "while it runs" | number;

export interface Ended {
  readonly run: Run;
  readonly place: Place;
  /** What there was before it ran, and what there is after it. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** What its caller was answered. */
  readonly answer?: Invocation;
  /** What its caller was refused with. */
  readonly refusal?: unknown;
  /** What the run was told to end with. */
  readonly reason?: unknown;
  /** Whether it was still running when its time to end was over. */
  readonly stuck: boolean;
}

export const textOf = (moment: Moment): string =>
  typeof moment === "number" ? `at the ${moment}. thing that it asks of its context` : moment;

/** The moments at which a function that has run once can be told to end. */
export const momentsOf = ({ touches }: Run): readonly Moment[] => [
  "at its beginning",
  "while it runs",
  ...Array.from({ length: Math.min(touches, MOST_TOUCHES) }, (_, n) => n + 1),
];

/** Runs the function once in an engine of its own, and tells it to end at `moment`, if one is given. */
export const runOnce = async (
  functions: FunctionsUnderTest,
  { declared, example }: { readonly declared: PluginFunction; readonly example: unknown },
  moment?: Moment,
): Promise<Ended> => {
  const run: Run = { ended: undefined, progress: [], madeTooEarly: [], touches: 0 };
  const caller = new AbortController();
  let told: Promise<void> | undefined;
  let reason: unknown;
  const tell = (context: CallContext): Promise<void> => {
    told ??= "id" in context ? cancelled(String(context.id)) : aborted();
    return told;
  };
  const aborted = async () => caller.abort(new CodedError("cancelled", { what: "The call" }));
  const cancelled = async (id: string) => {
    try {
      await place.engine.invoke("jobs.cancel", { id });
    } catch (error) {
      // It was done before it could be told, and then perhaps its engine was too.
      if (run.ended === undefined && !CodedError.is(error, "job-ended")) throw error;
    }
  };
  let prepared = false;
  const place = await functions.open((one) =>
    one.name !== declared.name
      ? one
      : watchedFunction(one, {
          begun: () => prepared,
          run,
          began(context) {
            context.signal.addEventListener("abort", () => {
              reason = context.signal.reason;
            });
            if (moment === "at its beginning") void tell(context);
            if (moment === "while it runs")
              void afterTurns(async () => (run.ended === undefined ? tell(context) : undefined));
          },
          async touched(touch, context) {
            if (moment === touch) await tell(context);
          },
        }),
  );
  try {
    await place.prepare(declared);
  } catch (refusal) {
    return { run, place, before: [], after: [], stuck: false, refusal };
  }
  prepared = true;
  const before = await place.left();
  const ending = outcomeOf(place, declared, example, caller.signal);
  const racing: Promise<Outcome | "stuck">[] = [ending];
  if (moment !== undefined) racing.push(deadline(run, () => told !== undefined));
  const outcome = await Promise.race(racing);
  const stuck = outcome === "stuck";
  if (stuck) functions.abandon(place);
  const after = stuck ? before : await place.left();
  return { run, place, before, after, stuck, reason, ...(stuck ? {} : outcome) };
};

type Outcome = { readonly answer: Invocation } | { readonly refusal: unknown };

const afterTurns = async (then: () => Promise<void>): Promise<void> => {
  for (let turn = 0; turn < TURNS; turn++) await setImmediate();
  await then();
};

/** Resolves when a run that was told to end has had its time. */
const deadline = async (run: Run, told: () => boolean): Promise<"stuck"> => {
  while (!told() && run.ended === undefined) await setImmediate();
  return new Promise((resolve) => {
    setTimeout(() => resolve("stuck"), ABORT_ENDS_WITHIN_MS).unref();
  });
};

const outcomeOf = async (
  { engine, here }: Place,
  { name }: PluginFunction,
  example: unknown,
  signal: AbortSignal,
): Promise<Outcome> => {
  try {
    return { answer: await invokeToItsEnd(engine, name, here(example), signal) };
  } catch (refusal) {
    return { refusal };
  }
};
