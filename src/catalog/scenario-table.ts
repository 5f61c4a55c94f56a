import type { Selectable } from "kysely";
import type { Session } from "./session.ts";
import type { Tables } from "./tables.ts";

/** Which scenario, of whom: its last result replaces the one before. */
export interface ScenarioKey {
  /** What was tried: a plugin's id, or `pagurus`. */
  readonly subject: string;
  readonly feature: string;
  /** The rule's words; empty where the scenario stands outside of any. */
  readonly rule: string;
  readonly scenario: string;
}

/** How a scenario has ended last, with all its examples. */
export interface ScenarioRow extends ScenarioKey {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What failed first, or why it was skipped. */
  readonly message: string | null;
  /** Repeats its random parts. */
  readonly seed: number | null;
  /** Of the package. */
  readonly version: string;
  /** Of the feature's text as it was then. */
  readonly featureHash: string;
  readonly job: string;
  readonly at: number;
}

/** The last result of each scenario and subject. */
export class ScenarioTable {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  keep(row: ScenarioRow): Promise<void> {
    const { featureHash, ...same } = row;
    const values = { ...same, feature_hash: featureHash };
    return this.#session.write(async (trx) => {
      await trx
        .insertInto("scenario_result")
        .values(values)
        .onConflict((conflict) =>
          conflict.columns(["subject", "feature", "rule", "scenario"]).doUpdateSet(values),
        )
        .execute();
    });
  }

  /** By subject; of every feature where none is named. */
  list(filter: { readonly feature?: string } = {}): Promise<readonly ScenarioRow[]> {
    return this.#session.read(
      (db) =>
        db
          .selectFrom("scenario_result")
          .selectAll()
          .where((where) => where.and(filter))
          .orderBy("subject")
          .execute(),
      (rows) => rows.map(scenarioRow),
    );
  }
}

const scenarioRow = ({ feature_hash, ...row }: Selectable<Tables["scenario_result"]>): ScenarioRow => ({
  ...row,
  featureHash: feature_hash,
});
