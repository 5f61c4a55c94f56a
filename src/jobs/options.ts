import type { ResourceRow, Store } from "../catalog/index.ts";
import type { Clock, JsonObject, Log, PluginFunction } from "../contract/index.ts";
import type { Probe } from "./probe.ts";

export type JobFunction = Extract<PluginFunction, { kind: "job" }>;

/** A function whose `uses` are resolved already. */
export interface RunnableJob {
  readonly declared: JobFunction;
  readonly uses: Readonly<Record<string, unknown>>;
}

export interface JobRunnerOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly probe: Probe;
  /** The function of a job in the catalog; `undefined` where its plugin is no longer loaded. */
  readonly functionOf: (name: string) => RunnableJob | undefined;
  /** Removes what a job has left behind, and its record; rejects where that can't be done now. */
  readonly removeResource: (resource: ResourceRow) => Promise<void>;
  readonly publish: (event: { type: string; job: string; disk?: string; data?: JsonObject }) => void;
  /** Keeps and delivers the report of a failure; answers its id. */
  readonly report: (failure: {
    task: string;
    job: string;
    disks: readonly string[];
    error: unknown;
  }) => Promise<string>;
}
