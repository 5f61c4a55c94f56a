import type { Selectable } from "kysely";
import type { Clock } from "../contract/index.ts";
import { fromText } from "./json-text.ts";
import type { Session } from "./session.ts";
import type { Tables } from "./tables.ts";

export interface TokenRow {
  readonly id: string;
  readonly name: string;
  /** What `hashToken` makes of the token; the token itself is kept nowhere. */
  readonly hash: string;
  readonly permissions: readonly string[];
  readonly createdAt: number;
}

/** Who may call, and what. */
export class TokenTable {
  readonly #session: Session;
  readonly #clock: Clock;

  constructor(session: Session, clock: Clock) {
    this.#session = session;
    this.#clock = clock;
  }

  insert({ id, hash, permissions, name }: Omit<TokenRow, "createdAt">): Promise<void> {
    const row = { id, name, hash, permissions: JSON.stringify(permissions), created_at: this.#clock.now() };
    return this.#session.write(async (trx) => {
      await trx.insertInto("token").values(row).execute();
    });
  }

  findByHash(hash: string): Promise<TokenRow | undefined> {
    return this.#session.read(
      (db) => db.selectFrom("token").selectAll().where("hash", "=", hash).executeTakeFirst(),
      (row) => row && tokenRow(row),
    );
  }

  /** Oldest first. */
  list(): Promise<readonly TokenRow[]> {
    return this.#session.read(
      (db) => db.selectFrom("token").selectAll().orderBy("id").execute(),
      (rows) => rows.map(tokenRow),
    );
  }

  remove(id: string): Promise<void> {
    return this.#session.write(async (trx) => {
      await trx.deleteFrom("token").where("id", "=", id).execute();
    });
  }
}

const tokenRow = ({ permissions, created_at, ...row }: Selectable<Tables["token"]>): TokenRow => ({
  ...row,
  permissions: fromText<readonly string[]>(permissions),
  createdAt: created_at,
});
