import { Clock, CodedError, Disks, Events, Invoke, Log, Metrics } from "../contract/index.ts";
import type { Service } from "../kernel/index.ts";
import type { FrontDoor } from "./front-door/index.ts";
import { systemClock } from "./system-clock.ts";

/** What plugins of the control plane are given before the engine that answers them has been put together. */
export interface LateParts {
  events?: Events;
  door?: Pick<FrontDoor, "invoke">;
  disks?: Disks;
}

/** The host services of the control plane. Events before the engine has started are nobody's: there is no subscriber. */
export const hostServices = (log: Log, metrics: Metrics, late: LateParts): Service[] => [
  [Log, log],
  [Clock, systemClock],
  [Metrics, metrics],
  [Events, { publish: (event) => late.events?.publish(event) } satisfies Events],
  [
    Invoke,
    (async (name, input, call = {}) =>
      (await started(late.door).invoke(name, input, call)).output) satisfies Invoke,
  ],
  [
    Disks,
    {
      list: () => started(late.disks).list(),
      get: (name) => started(late.disks).get(name),
    } satisfies Disks,
  ],
];

const started = <T>(part: T | undefined): T => {
  if (part === undefined)
    throw new CodedError("function-unavailable", {
      function: "the engine",
      reason: "it has not started yet",
    });
  return part;
};
