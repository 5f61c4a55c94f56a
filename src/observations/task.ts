import { AsyncLocalStorage } from "node:async_hooks";
import type { JsonObject } from "../contract/json.ts";
import type { Observation } from "../contract/observation.ts";
import { causesNamedBy, factsOf } from "./chain.ts";
import { jsonOf } from "./json.ts";
import { observedOf } from "./observed.ts";
import { Scope } from "./scope.ts";
import { leaveTrace, traceOf } from "./trace.ts";

/** The scope of the task that this asynchronous context runs in. Nothing of it reaches another thread. */
const running = new AsyncLocalStorage<Scope>();

/** The scope of the task that runs here. */
export const scopeHere = (): Scope | undefined => running.getStore();

/**
 * Runs `run` as the task `name`, in a scope of its own. If it completes, whatever its subtasks observed is gone. If
 * it fails, the failure is observed with `data` (what the task was given) and with its subtasks' observations as
 * causes, and goes up with the error, which is passed on as it is. An alternative that gets over a failure belongs
 * into the same task as what failed: the task then completes, and its caller never hears of it.
 *
 * @example await task("copy", { disk, round }, () => copy(blocks));
 */
export async function task<T>(name: string, data: JsonObject, run: () => Promise<T>): Promise<T> {
  const scope = new Scope();
  try {
    return await running.run(scope, run);
  } catch (error) {
    recordFailure(error, name, data, scope);
    throw error;
  }
}

/** Never throws: a failure that can't be recorded is still the same failure. */
function recordFailure(error: unknown, name: string, data: JsonObject, scope: Scope): void {
  try {
    const observation = ownObservation(error, name, data, scope);
    const enclosing = running.getStore();
    if (enclosing) enclosing.record(error, observation);
    else leaveTrace(error, { outermost: traceOf(error).outermost ? "shared" : observation });
  } catch {}
}

function ownObservation(error: unknown, name: string, given: JsonObject, scope: Scope): Observation {
  const received = scope.observationOf(error) ?? traceOf(error).origin;
  const facts =
    received && received.code !== "cancelled"
      ? { code: "task-failed", data: jsonOf({ task: name }) }
      : factsOf(error, name);
  const named = received ? [received] : causesNamedBy(error, (cause) => scope.observationOf(cause));
  const overflow = scope.omitted > 0 ? { causesOmitted: scope.omitted } : {};
  return {
    code: facts.code,
    data: { ...jsonOf(given), ...facts.data, ...overflow },
    task: name,
    at: Date.now(),
    causes: facts.code === "cancelled" ? named : [...named, ...othersIn(scope, named)],
  };
}

/** What failed besides: other parallel subtasks, earlier tries. */
function othersIn(scope: Scope, told: readonly Observation[]): readonly Observation[] {
  const known = new Set<Observation>();
  const visit = (observation: Observation): void => {
    known.add(observation);
    observation.causes.forEach(visit);
  };
  told.forEach(visit);
  return scope.entries.map((entry) => entry.observation).filter((observation) => !known.has(observation));
}

/** The observation of whatever was thrown, with what the scope here has observed of it. */
export const observationOf = (error: unknown): Observation => {
  const scope = scopeHere();
  return observedOf(error, (known) => scope?.observationOf(known));
};
