import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { Envelope } from "@cucumber/messages";
import type { Capabilities } from "../contract/index.ts";
import { ownProcess } from "./kit.ts";
import { type Deadlines, type Mishap, mishap, phaseWords } from "./phases.ts";
import type { Answer, Order, Phase, Threw, Told } from "./protocol.ts";

/** How much of what a process wrote to standard error is told when it has died. */
const LAST_WORDS = 1_500;
/** How long that is waited for. */
const LAST_WORDS_MS = 500;
/** How much of what was printed is shown. */
const PRINTED = 120;
/** As the `pagurus` command has it: a plugin's file system calls must not wait for each other here alone. */
const POOL_THREADS = "16";

export interface ChildOptions {
  readonly deadlines: Deadlines;
  /** Kills it. */
  readonly signal: AbortSignal;
}

type Outcome<A extends Order["do"]> = Extract<Answer, { readonly did: A }> | { readonly mishap: Mishap };

/** A subject's own process, watched: whatever becomes of it is an answer here, and never an error. */
export class SubjectChild {
  readonly #child: ChildProcess;
  readonly #options: ChildOptions;
  readonly #ended: Promise<void>;
  #phase: Phase | undefined;
  #enteredAt = 0;
  /** How long it was in each phase so far. */
  readonly #took = new Map<Mishap["phase"], number>();
  #printed: Mishap | undefined;
  #capabilities: Capabilities = {};
  #hear: (envelope: Envelope) => void = () => undefined;
  #said = "";
  #deadline: NodeJS.Timeout | undefined;
  #settle: ((outcome: Answer | { readonly mishap: Mishap }) => void) | undefined;

  constructor(options: ChildOptions) {
    this.#options = options;
    const { file, execArgv } = ownProcess("subject-process");
    this.#child = fork(file, {
      execArgv: [...execArgv],
      env: { UV_THREADPOOL_SIZE: POOL_THREADS, ...process.env },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      // A group of its own, so that what it started ends with it.
      detached: true,
    });
    this.#ended = this.#end();
    this.#child.on("message", (told: Told) => this.#take(told));
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => this.#print(text));
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#said = (this.#said + text).slice(-LAST_WORDS);
    });
    options.signal.addEventListener("abort", this.#abort, { once: true });
  }

  /** What came to standard output first, if anything did. */
  get printed(): Mishap | undefined {
    return this.#printed;
  }

  /** What the instance could do that it has tried. */
  get capabilities(): Capabilities {
    return this.#capabilities;
  }

  /** For how many milliseconds it was in a phase. */
  took(phase: Mishap["phase"]): number {
    return Math.round(this.#took.get(phase) ?? 0);
  }

  /** One order at a time; `hear` gets Cucumber's messages meanwhile. */
  ask<D extends Order["do"]>(
    order: Extract<Order, { readonly do: D }>,
    hear: (envelope: Envelope) => void = () => undefined,
  ): Promise<Outcome<D>> {
    this.#hear = hear;
    return new Promise((resolve) => {
      this.#settle = resolve as (outcome: Answer | { readonly mishap: Mishap }) => void;
      this.#phase = undefined;
      if (order.do === "run") this.#enter("scenario", this.#options.deadlines.load);
      if (this.isGone) this.#died();
      else this.#child.send(order, () => undefined);
    });
  }

  /**
   * After it has run its features: whether it ends, now that nothing is asked of it any more. What is `alive` should have
   * ended before: it has less time than a process that has nothing to do but to go.
   */
  async leaves(alive: readonly string[]): Promise<Mishap | undefined> {
    const { exit } = this.#options.deadlines;
    const ms = alive.length > 0 ? exit * 0.75 : exit;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<"late">((resolve) => {
      timer = setTimeout(resolve, ms, "late");
    });
    const how = await Promise.race([this.#ended, late]);
    clearTimeout(timer);
    await this.kill();
    if (how !== "late") return undefined;
    const what = alive.length > 0 ? `: ${countsText(alive)}` : "";
    return mishap("exit", `Something of it keeps the process alive after everything was stopped${what}`);
  }

  /** With all that it started; resolves when it is gone. */
  async kill(): Promise<void> {
    this.#options.signal.removeEventListener("abort", this.#abort);
    clearTimeout(this.#deadline);
    killGroup(this.#child.pid);
    if (!this.isGone) await this.#ended;
  }

  readonly #abort = (): void => killGroup(this.#child.pid);

  get isGone(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  #take(told: Told): void {
    if ("flushed" in told) return;
    if ("phase" in told) this.#enter(told.phase);
    else if ("capabilities" in told) this.#capabilities = told.capabilities;
    else if ("printed" in told) this.#print(told.printed);
    else if ("envelope" in told) {
      const { testCaseStarted, testStepStarted, testCaseFinished } = told.envelope;
      if (testCaseStarted || testStepStarted || testCaseFinished) this.#enter("scenario");
      this.#hear(told.envelope);
    } else if ("threw" in told)
      this.#answer({ mishap: { ...threwMishap(this.#phase, told), threw: told.threw } });
    else this.#answer(told);
  }

  #print(text: string): void {
    const [line = ""] = text.trim().split("\n");
    const shown = line.length > PRINTED ? `${line.slice(0, PRINTED)}…` : line;
    const when = this.#phase ? ` ${phaseWords[this.#phase].doing}` : "";
    this.#printed ??= mishap("output", `It printed \`${shown}\`${when}`);
  }

  #enter(phase: Phase, ms = this.#options.deadlines[phase]): void {
    clearTimeout(this.#deadline);
    this.#countTime();
    this.#phase = phase;
    this.#deadline = setTimeout(() => {
      this.#answer({
        mishap: mishap(phase, `It did nothing more for ${ms} ms ${phaseWords[phase].doing}`),
      });
      killGroup(this.#child.pid);
    }, ms);
  }

  #countTime(): void {
    const now = performance.now();
    if (this.#phase) this.#took.set(this.#phase, (this.#took.get(this.#phase) ?? 0) + now - this.#enteredAt);
    this.#enteredAt = now;
  }

  #answer(outcome: Answer | { readonly mishap: Mishap }): void {
    clearTimeout(this.#deadline);
    if (this.#settle) this.#countTime();
    this.#settle?.(outcome);
    this.#settle = undefined;
  }

  /** Resolves when the process is gone and what it had told is heard. */
  async #end(): Promise<void> {
    const { stderr } = this.#child;
    const said = stderr ? once(stderr, "close") : undefined;
    await Promise.all([once(this.#child, "exit"), once(this.#child, "disconnect")]);
    killGroup(this.#child.pid);
    // What it left behind, in a group of its own, may hold its standard error open.
    await Promise.race([said, new Promise((resolve) => setTimeout(resolve, LAST_WORDS_MS).unref())]);
    this.#died();
  }

  #died(): void {
    const { exitCode, signalCode } = this.#child;
    const phase = this.#phase ?? "scenario";
    const how = signalCode === null ? `exit code ${exitCode}` : `signal ${signalCode}`;
    const said = this.#said.trim() === "" ? "" : `; it said: ${this.#said.trim()}`;
    this.#answer({
      mishap: mishap(
        phase,
        `The process ended (${how}) ${phaseWords[phase].doing}: a plugin never ends the process${said}`,
      ),
    });
  }
}

/** Whose sentences say what to do, which has nothing to do with how plugins are written. */
const isToldWhole: ReadonlySet<string> = new Set([
  "plugin-not-found",
  "plugin-load-failed",
  "plugin-invalid",
  "plugin-dependency-missing",
  "plugin-api-mismatch",
]);

/** What a plugin throws in a scenario is the scenario's result: what is thrown outside is no fault of the plugin's. */
const threwMishap = (phase: Phase = "scenario", { threw, sentence }: Threw): Mishap => {
  const what = sentence.replace(/\.$/, "");
  if (phase === "scenario") return mishap("kit", `The kit itself could not run the features: ${what}`);
  // No fault of the plugin's either.
  if (threw === "config-invalid")
    return { phase, message: `It refuses what --set or --config gives it: ${sentence}` };
  if (isToldWhole.has(threw)) return { phase, message: sentence };
  if (phase === "start" && threw === "datastore-unavailable")
    return { phase, message: `It started, and its storage can't be used: ${sentence}` };
  return mishap(phase, `It failed ${phaseWords[phase].doing}: ${what}`);
};

/** `2 Timeout, TCPSocketWrap` */
const countsText = (kinds: readonly string[]): string =>
  [...new Set(kinds)]
    .map((kind) => {
      const count = kinds.filter((other) => other === kind).length;
      return count > 1 ? `${count} ${kind}` : kind;
    })
    .join(", ");

const killGroup = (pid: number | undefined): void => {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nothing of it is left.
  }
};
