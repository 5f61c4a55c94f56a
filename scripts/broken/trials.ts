import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Envelope } from "@cucumber/messages";
import { ownProcess } from "../../src/conformance/kit.ts";
import { usualDeadlines } from "../../src/conformance/phases.ts";
import { RunUnderWay } from "../../src/conformance/run-under-way.ts";
import { type ScenarioResult, Tally } from "../../src/conformance/tally.ts";
import type { TrialOrder, TrialTold } from "./trial.ts";

/** How many processes one plugin may use up by ending them or hanging in them. */
const MAX_DEATHS = 5;

/** Puts broken plugins to the test, one after another, in one process for as long as that bears it. */
export class Trials {
  #child: ChildProcess | undefined;

  /** `ended` is told of each scenario as soon as it has ended. */
  async run(
    order: TrialOrder,
    ended: (result: ScenarioResult) => void = () => undefined,
  ): Promise<readonly ScenarioResult[]> {
    const tally = new Tally({ ended });
    let left = order;
    for (let deaths = 0; deaths <= MAX_DEATHS; deaths++) {
      const underWay = new RunUnderWay(tally.take);
      const died = await this.#obey(left, underWay.take);
      if (died === undefined) return tally.results;
      if (!underWay.fail(died)) throw new Error(`${died}, in no scenario of ${order.paths.join(", ")}`);
      if (underWay.rest.length === 0) return tally.results;
      left = { ...order, paths: underWay.rest };
    }
    throw new Error(`more than ${MAX_DEATHS} processes ended in scenarios of ${JSON.stringify(order)}`);
  }

  async end(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    // With all that it started.
    process.kill(-child.pid, "SIGKILL");
    await gone;
  }

  /** Answers how the process died, where it did; it is left only where it is as it was before. */
  async #obey(order: TrialOrder, hear: (envelope: Envelope) => void): Promise<string | undefined> {
    this.#child ??= start();
    const outcome = await obeyed(this.#child, order, hear);
    if (outcome !== "clean") await this.end();
    return outcome === "clean" || outcome === "unclean" ? undefined : outcome.died;
  }
}

const start = (): ChildProcess =>
  fork(fileURLToPath(new URL("trial-process.ts", import.meta.url)), {
    execArgv: [...ownProcess("subject-process").execArgv],
    // As the `pagurus` command has it.
    env: { UV_THREADPOOL_SIZE: "16", ...process.env },
    detached: true,
  });

type Outcome = "clean" | "unclean" | { readonly died: string };

const obeyed = async (
  child: ChildProcess,
  order: TrialOrder,
  hear: (envelope: Envelope) => void,
): Promise<Outcome> => {
  let settle: (outcome: Outcome) => void = () => undefined;
  const outcome = new Promise<Outcome>((resolve) => {
    settle = resolve;
  });
  const late = () => settle({ died: `it did nothing more for ${usualDeadlines.scenario} ms` });
  const deadline = setTimeout(late, usualDeadlines.scenario);
  const take = (told: TrialTold) => {
    deadline.refresh();
    if ("envelope" in told) hear(told.envelope);
    if ("ended" in told) settle(told.clean ? "clean" : "unclean");
  };
  const died = (code: number | null, signal: string | null) =>
    settle({ died: `the process ended with ${signal ?? code}` });
  child.on("message", take).once("exit", died);
  child.send(order);
  try {
    return await outcome;
  } finally {
    clearTimeout(deadline);
    child.off("message", take).off("exit", died);
  }
};
