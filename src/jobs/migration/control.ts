import type { JsonObject } from "../../contract/index.ts";
import { type Adjustment, adjusted, type MigrationInput } from "./input.ts";

/** One migration under way, as its operators reach it. */
export class MigrationControl {
  #recorded: MigrationInput;
  #changes: Adjustment = {};
  #onAdjusted: () => Promise<void> = async () => undefined;
  /** Where it stands; nothing before it copies. */
  progress: JsonObject | undefined;
  /** Whether all its disks have been ready at once. */
  wasReady = false;

  constructor(input: MigrationInput) {
    this.#recorded = input;
  }

  /** What it goes by now. */
  get input(): MigrationInput {
    return adjusted(this.#recorded, this.#changes);
  }

  /** The record as it was read once this could be reached: every change since then is laid over it. */
  recorded(input: MigrationInput): void {
    this.#recorded = input;
  }

  /** Resolves when the disks go by the changes. */
  async adjust(changes: Adjustment): Promise<void> {
    const given = Object.entries(changes).filter(([, value]) => value !== undefined);
    this.#changes = { ...this.#changes, ...Object.fromEntries(given) };
    await this.#onAdjusted();
  }

  /** Whoever does the moving. */
  onAdjusted(listener: () => Promise<void>): void {
    this.#onAdjusted = listener;
  }
}
