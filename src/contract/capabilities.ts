import { CodedError } from "./errors.ts";

/** What a configured instance can do: booleans, limits, or how it does it. Fixed once it has started. */
export type Capabilities = Readonly<Record<string, boolean | number | "native" | "emulated">>;

export interface Capable {
  readonly id: string;
  readonly capabilities: Capabilities;
}

/** Whether the instance has the capability; a limit of 0 counts as not having it. */
export const can = (instance: Capable, capability: string): boolean =>
  Boolean(instance.capabilities[capability]);

/** Refuses with `capability-missing` what the instance can't do. */
export const demand = (instance: Capable, capability: string): void => {
  if (!can(instance, capability))
    throw new CodedError("capability-missing", { instance: instance.id, capability });
};
