import type { Feature, RunMessage, ScenarioEnd } from "../../acceptance/index.ts";
import type { ScenarioKey, ScenarioRow } from "../../catalog/index.ts";
import type { JsonObject } from "../../contract/index.ts";

/** What every result of one run is stamped with. */
export type RunStamp = Pick<ScenarioRow, "subject" | "seed" | "version" | "job">;

/** Where what is heard of a run goes to. */
export interface Audience {
  now(): number;
  keep(row: ScenarioRow): Promise<void>;
  progress(progress: JsonObject): void;
  publish(event: { readonly type: string; readonly job: string; readonly data: JsonObject }): void;
}

/** Counts what a run tells, and passes on each scenario as it ends. */
export class RunAccount {
  readonly #stamp: RunStamp;
  readonly #audience: Audience;
  readonly #keyByPlace: ReadonlyMap<string, ScenarioKey & { readonly featureHash: string }>;
  readonly #rows = new Map<string, ScenarioRow>();
  #planned: number;
  #kept: Promise<void> = Promise.resolve();
  readonly counts = { passed: 0, failed: 0, skipped: 0 };
  /** What failed first. */
  first: string | undefined;

  /** `expected`: how many scenarios there will be at least, as far as is known before they are told. */
  constructor(
    features: readonly Feature[],
    stamp: RunStamp,
    { expected, ...audience }: Audience & { readonly expected: number },
  ) {
    this.#planned = expected;
    this.#stamp = stamp;
    this.#audience = audience;
    this.#keyByPlace = new Map(features.flatMap((feature) => placesOf(feature, stamp.subject)));
  }

  get scenarios(): number {
    return this.counts.passed + this.counts.failed + this.counts.skipped;
  }

  hear(message: RunMessage): void {
    if (message.kind === "planned") this.#planned = Math.max(this.#planned, message.scenarios);
    if (message.kind === "scenario") this.#ended(message.end);
  }

  /** Resolves when everything that was heard is durable. */
  kept(): Promise<void> {
    return this.#kept;
  }

  #ended(end: ScenarioEnd): void {
    const { verdict, message } = end;
    this.counts[verdict]++;
    const { passed, failed, skipped } = this.counts;
    const percent = this.#planned === 0 ? 0 : Math.floor((100 * this.scenarios) / this.#planned);
    this.#audience.progress({
      ...{ phase: "running", percent, scenarios: this.scenarios, planned: this.#planned },
      ...{ passed, failed, skipped },
    });
    const key = this.#keyByPlace.get(placeOf(end.file, end.line));
    if (key === undefined) return;
    const { feature, rule, scenario } = key;
    if (verdict === "failed") this.first ??= `${scenario}: ${message ?? "it says no reason"}`;
    this.#audience.publish({
      type: "scenario.ended",
      job: this.#stamp.job,
      data: { subject: key.subject, feature, rule, scenario, verdict, message: message ?? null },
    });
    const row = this.#rowOf(key, end);
    // One after another: a later example of a scenario never stands behind an earlier one.
    this.#kept = this.#kept.then(() => this.#audience.keep(row));
    this.#kept.catch(() => undefined);
  }

  #rowOf(key: ScenarioKey & { readonly featureHash: string }, { file, line, verdict, message }: ScenarioEnd) {
    const place = placeOf(file, line);
    const { passed, failed, skipped, ...before } = this.#rows.get(place) ?? nothingYet;
    const counts = { passed, failed, skipped };
    // The first failure is worth more than any reason to skip.
    const telling = verdict === "failed" ? failed === 0 : before.message === null;
    const row = {
      ...this.#stamp,
      ...key,
      ...counts,
      [verdict]: counts[verdict] + 1,
      message: (telling ? message : before.message) ?? null,
      at: this.#audience.now(),
    };
    this.#rows.set(place, row);
    return row;
  }
}

const nothingYet = { passed: 0, failed: 0, skipped: 0, message: null } as const;

/** Cucumber tells a file from where it was started. */
const placeOf = (file: string, line: number): string =>
  `${file.replaceAll("\\", "/").replace(/^.*\bfeatures\//, "")}:${line}`;

const placesOf = (feature: Feature, subject: string) =>
  feature.rules.flatMap(({ name: rule, scenarios }) =>
    scenarios.map(({ name: scenario, line }) => {
      const { id, hash: featureHash } = feature;
      const place = placeOf(`${id.replaceAll(".", "/")}.feature`, line);
      return [place, { subject, feature: id, rule, scenario, featureHash }] as const;
    }),
  );
