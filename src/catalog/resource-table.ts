import type { Selectable } from "kysely";
import type { Clock, JsonObject, ResourceRef } from "../contract/index.ts";
import { fromText } from "./json-text.ts";
import { newId } from "./new-id.ts";
import type { Session } from "./session.ts";
import type { Tables } from "./tables.ts";

export interface ResourceRow extends ResourceRef {
  readonly id: string;
  /** The job that made it and hasn't handed it on. */
  readonly job: string | null;
  readonly disk: string | null;
  readonly createdAt: number;
}

/** What we made outside the catalog, recorded before it was made: nothing is ever left behind unknown. */
export class ResourceTable {
  readonly #session: Session;
  readonly #clock: Clock;

  constructor(session: Session, clock: Clock) {
    this.#session = session;
    this.#clock = clock;
  }

  /** Answers the record's id. Only when it has resolved may the resource be made. */
  async record(resource: ResourceRef & { readonly job?: string; readonly disk?: string }): Promise<string> {
    const { kind, ref, job = null, disk = null } = resource;
    const id = newId("res");
    const row = { id, kind, ref: JSON.stringify(ref), job, disk, created_at: this.#clock.now() };
    await this.#session.write((trx) => trx.insertInto("resource").values(row).execute());
    return id;
  }

  /** The resource, or every one that the job still has, is the disk's from now on. */
  adopt(which: { readonly id: string } | { readonly job: string }, disk: string): Promise<void> {
    return this.#session.write(async (trx) => {
      const adopted = trx.updateTable("resource").set({ disk, job: null });
      await ("id" in which
        ? adopted.where("id", "=", which.id)
        : adopted.where("job", "=", which.job)
      ).execute();
    });
  }

  /** The resource is gone. */
  forget(id: string): Promise<void> {
    return this.#session.write(async (trx) => {
      await trx.deleteFrom("resource").where("id", "=", id).execute();
    });
  }

  get(id: string): Promise<ResourceRow | undefined> {
    return this.#session.read(
      (db) => db.selectFrom("resource").selectAll().where("id", "=", id).execute(),
      ([row]) => row && resourceRow(row),
    );
  }

  /** Oldest first. */
  list(
    filter: { readonly job?: string; readonly disk?: string; readonly kind?: string } = {},
  ): Promise<readonly ResourceRow[]> {
    return this.#session.read(
      (db) =>
        db
          .selectFrom("resource")
          .selectAll()
          .where((where) => where.and(filter))
          .orderBy("id")
          .execute(),
      (rows) => rows.map(resourceRow),
    );
  }
}

const resourceRow = ({ ref, created_at, ...row }: Selectable<Tables["resource"]>): ResourceRow => ({
  ...row,
  ref: fromText<JsonObject>(ref),
  createdAt: created_at,
});
