import type { Kysely, Transaction } from "kysely";
import { CodedError, reasonOf } from "../contract/index.ts";
import { migrate } from "./migrate.ts";
import type { SchemaStep } from "./schema-steps.ts";
import type { Tables } from "./tables.ts";

/** How databases name what is damaged: SQLite by words, PostgreSQL by class XX. */
const DAMAGED = /^(SQLITE_CORRUPT|SQLITE_NOTADB|XX00[12])/;

/** What is broken here and not in the database: kept as it is, for whoever mends it. */
const isOurs = (error: unknown): boolean => error instanceof TypeError || error instanceof RangeError;

/** One open catalog. Everything that any table reads or writes passes here, and so does every error. */
export class Session {
  readonly #db: Kysely<Tables>;
  readonly #catalog: string;

  constructor(db: Kysely<Tables>, catalog: string) {
    this.#db = db;
    this.#catalog = catalog;
  }

  /** Runs the query; `of` makes the answer of what it found. */
  read<F, T>(query: (db: Kysely<Tables>) => Promise<F>, of: (found: F) => T): Promise<T> {
    return this.#coded(async () => of(await query(this.#db)));
  }

  /**
   * Runs a serialisable transaction; durable when it resolves. Every write is one, a single statement too: after a
   * failed commit nothing can then slip into a transaction that was left open. When it rejects with
   * `catalog-unavailable` it is unknown whether it was committed.
   */
  write<T>(run: (trx: Transaction<Tables>) => Promise<T>): Promise<T> {
    return this.#coded(() => this.#db.transaction().execute(run));
  }

  /** Brings the tables up to date. `catalog-newer`. */
  migrate(steps: readonly SchemaStep[]): Promise<void> {
    return this.#coded(() => migrate(this.#db, { catalog: this.#catalog, steps }));
  }

  close(): Promise<void> {
    return this.#coded(() => this.#db.destroy());
  }

  async #coded<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      throw CodedError.is(error) || isOurs(error) ? error : this.#codedError(error);
    }
  }

  #codedError(error: unknown): CodedError {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const data = { catalog: this.#catalog, reason: reasonOf(error) };
    return DAMAGED.test(code) || error instanceof SyntaxError // JSON that can't be read
      ? new CodedError("catalog-damaged", data, { cause: error })
      : new CodedError("catalog-unavailable", data, { cause: error });
  }
}
