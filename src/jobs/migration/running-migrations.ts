import type { JobRow, Store } from "../../catalog/index.ts";
import { CodedError, type JsonObject } from "../../contract/index.ts";
import { quantityText } from "../../observations/quantity.ts";
import { MigrationControl } from "./control.ts";
import type { MigrationHost } from "./host.ts";
import { type Adjustment, adjusted, MigrationInput } from "./input.ts";

/** The function whose jobs these are. */
export const MIGRATE = "migrations.start";

/** What operators do to migrations under way. Each change is in the job's record before anything goes by it. */
export class RunningMigrations {
  readonly #jobs: Store["jobs"];
  readonly #publish: MigrationHost["publish"];
  readonly #probe: MigrationHost["probe"];
  readonly #controls = new Map<string, MigrationControl>();

  constructor({ store, publish, probe }: Pick<MigrationHost, "store" | "publish" | "probe">) {
    this.#jobs = store.jobs;
    this.#publish = publish;
    this.#probe = probe;
  }

  /** Runs a migration so that it can be reached; nothing that was changed before is missed. */
  async run<T>(
    id: string,
    input: MigrationInput,
    work: (control: MigrationControl) => Promise<T>,
  ): Promise<T> {
    const control = new MigrationControl(input);
    this.#controls.set(id, control);
    try {
      const row = await this.#jobs.get(id);
      if (row !== undefined) control.recorded(inputOf(row));
      return await work(control);
    } finally {
      this.#controls.delete(id);
    }
  }

  /** Resolves when it is durable and every disk goes by it. `job-not-found`, `job-not-migration`, `job-ended`. */
  async adjust(id: string, changes: Adjustment): Promise<void> {
    await this.#probe("adjusted/before");
    await this.#jobs.amend(id, (row) => adjusted(inputOf(row), changes));
    await this.#probe("adjusted/recorded");
    await this.#controls.get(id)?.adjust(changes);
    this.#publish({ type: "job.adjusted", job: id, data: JSON.parse(JSON.stringify(changes)) });
    await this.#probe("adjusted/done");
  }

  /**
   * Lets a migration that waits for its operator switch over, from now on by itself like any other. Refused before it
   * has been ready (`migration-not-ready`), unless that is to be waited for, and where nobody has to ask
   * (`migration-switches-itself`); further as `adjust` is.
   */
  async switchOver(id: string, { whenReady }: { readonly whenReady: boolean }): Promise<void> {
    const row = await this.#jobs.get(id);
    if (row === undefined) throw new CodedError("job-not-found", { job: id });
    const control = this.#controls.get(id);
    const { switchOver, maxPauseMs } = control?.input ?? inputOf(row);
    if (row.endedAt === null && switchOver === "auto") {
      if (whenReady) return;
      throw new CodedError("migration-switches-itself", { job: id });
    }
    if (row.endedAt === null && !whenReady && control?.wasReady !== true) {
      const { progress = {} } = control ?? {};
      const missing = missingText(progress, maxPauseMs);
      throw new CodedError("migration-not-ready", { job: id, missing, maxPauseMs, ...figures(progress) });
    }
    await this.adjust(id, { switchOver: "auto" });
  }
}

const inputOf = ({ id, function: name, input }: JobRow): MigrationInput => {
  if (name !== MIGRATE) throw new CodedError("job-not-migration", { job: id, function: name });
  return MigrationInput.parse(input);
};

/** What a program needs to know of where it stands. */
const figures = ({ phase, percent, dirtyBytes, predictedPauseMs }: JsonObject): JsonObject =>
  JSON.parse(JSON.stringify({ phase, percent, dirtyBytes, predictedPauseMs }));

/** What keeps a migration from being ready. */
const missingText = (
  { phase, percent, dirtyBytes, predictedPauseMs }: JsonObject,
  maxPauseMs: number,
): string => {
  if (phase === undefined) return "it has not begun to copy";
  if (phase === "copying") return `it is copying, ${Number(percent ?? 0)} % done`;
  const dirty = quantityText("bytes", Number(dirtyBytes ?? 0));
  const pause = typeof predictedPauseMs === "number" ? quantityText("inMs", predictedPauseMs) : "unknown";
  return `${dirty} are still to be copied; the pause would be ${pause}, of at most ${quantityText("inMs", maxPauseMs)}`;
};
