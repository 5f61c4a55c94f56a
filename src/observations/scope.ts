import type { Observation } from "../contract/observation.ts";

/** Failed subtasks kept per scope: the first, and as many of the last. */
export const MAX_LAST = 8;

interface Entry {
  readonly error: unknown;
  readonly observation: Observation;
}

/**
 * The buffer of one running task. Each scope has its own, so its mark is its beginning: whatever an enclosing scope
 * held before is out of reach, and parallel subtasks can't clear one another's.
 */
export class Scope {
  readonly #entries: Entry[] = [];
  #omitted = 0;

  /** The failures of subtasks that were not cleared. */
  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** How many were dropped to stay within bounds. */
  get omitted(): number {
    return this.#omitted;
  }

  /** Keeps the failure of a subtask. */
  record(error: unknown, observation: Observation): void {
    this.#entries.push({ error, observation });
    if (this.#entries.length <= MAX_LAST + 1) return;
    this.#entries.splice(1, 1);
    this.#omitted += 1;
  }

  /** Where `error` was passed up by a subtask, what that subtask observed; the latest, if several did. */
  observationOf(error: unknown): Observation | undefined {
    return this.#entries.findLast((entry) => entry.error === error)?.observation;
  }
}
