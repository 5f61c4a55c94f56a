import { CodedError } from "./errors.ts";

/**
 * What a configured instance can do, by kebab-case name: whether, up to which limit (bytes where the name doesn't say
 * otherwise), or how. Fixed once it has started.
 */
export type Capabilities = Readonly<Record<string, boolean | number | "native" | "emulated">>;

/** An object behind an extension point that says what it can do. */
export interface Capable {
  /** The instance's name in the configuration, and in every failure of it. */
  readonly id: string;
  /** Valid from the end of `start`, and the same at every reading: a promise, both in what it names and in what it leaves out. */
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
