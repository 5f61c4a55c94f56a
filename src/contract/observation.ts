import type { Json, JsonObject } from "./json.ts";

/** A possible cause of a failure, recorded where it happened. This is its wire form too. */
export interface Observation {
  /** A code of the catalogue, or of a plugin's own. */
  readonly code: string;
  /** What the failing task was given or had read; secrets are redacted where it is shown. */
  readonly data: JsonObject;
  /** The task that failed, such as `migrations.start` or `copy`. */
  readonly task?: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The observations of the subtasks whose failure this one could not get over, first cause first. */
  readonly causes: readonly Observation[];
}

/** A failure that reached the top, as it is kept, shown and sent to the sinks. */
export interface Report {
  readonly id: string;
  readonly at: number;
  /** What failed: a function's name, with its job and disks where it has them. */
  readonly task: string;
  readonly job?: string;
  readonly disks: readonly string[];
  /** One sentence for people: what failed, on which object, why, what to do. */
  readonly sentence: string;
  /** The code of the innermost first cause. */
  readonly rootCode: string;
  readonly chain: Observation;
  readonly details?: Json;
}
