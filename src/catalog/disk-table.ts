import type { Selectable } from "kysely";
import { type BlockSizes, type Clock, CodedError, type LayerRef } from "../contract/index.ts";
import { addDisk, claimDisks, demandFreeDisk, releaseDisks } from "./claims.ts";
import { answerKey, type KeyAnswer } from "./idempotency-table.ts";
import { appendEntry, demandUnended, type NewEntry } from "./journal.ts";
import { type Page, type PageOptions, pageOf, rowsFor } from "./page.ts";
import type { Session } from "./session.ts";
import type { DiskState, Tables } from "./tables.ts";

export interface NewDisk {
  readonly id: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly blockSizes: BlockSizes;
  readonly layer: LayerRef;
}

/** A disk with its owner record: epoch and active layer, which only `OwnerRecord` changes. */
export interface DiskRow extends NewDisk {
  readonly state: DiskState;
  readonly epoch: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** The job that holds it. */
  readonly job: string | null;
}

export class DiskTable {
  readonly #session: Session;
  readonly #clock: Clock;

  constructor(session: Session, clock: Clock) {
    this.#session = session;
    this.#clock = clock;
  }

  /**
   * In state `creating`, at epoch 1; with `job` it is that job's, which made it. A name that is a disk's name or id is
   * taken: `disk-exists`.
   */
  insert(disk: NewDisk, { job = null }: { readonly job?: string | null } = {}): Promise<DiskRow> {
    const row: DiskRow = { ...disk, state: "creating", epoch: 1, createdAt: this.#clock.now(), job };
    return this.#session.write(async (trx) => {
      const taken = await trx
        .selectFrom("disk")
        .select("id")
        .where((where) => where.or({ name: disk.name, id: disk.name }))
        .executeTakeFirst();
      if (taken) throw new CodedError("disk-exists", { disk: disk.name });
      await trx.insertInto("disk").values(columnsOf(row)).execute();
      if (job !== null) await addDisk(trx, row.id, job);
      return row;
    });
  }

  /**
   * `disk-not-found`; a disk that a job holds does not get `removing`: `migration-running`. `idempotency` answers the
   * key and `entry` goes into its job's journal in the same transaction.
   */
  setState(
    id: string,
    state: DiskState,
    options: { readonly idempotency?: KeyAnswer; readonly entry?: NewEntry } = {},
  ): Promise<void> {
    return this.#session.write(async (trx) => {
      const disk = await trx
        .selectFrom("disk")
        .select(["name", "job"])
        .where("id", "=", id)
        .executeTakeFirst();
      if (!disk) throw new CodedError("disk-not-found", { disk: id });
      if (state === "removing" && disk.job !== null)
        throw new CodedError("migration-running", { disk: disk.name, job: disk.job });
      await trx.updateTable("disk").set({ state }).where("id", "=", id).execute();
      if (options.idempotency) await answerKey(trx, options.idempotency);
      if (options.entry) await appendEntry(trx, { ...options.entry, at: this.#clock.now() });
    });
  }

  /** Gives a disk that is still being made to the job that goes on with it. `migration-running`, `disk-not-found`. */
  takeUp(id: string, job: string): Promise<void> {
    return this.#session.write(async (trx) => {
      await demandUnended(trx, job);
      const disk = await trx
        .selectFrom("disk")
        .select(["name", "job"])
        .where((where) => where.and({ id, state: "creating" }))
        .executeTakeFirst();
      if (!disk) throw new CodedError("disk-not-found", { disk: id });
      if (disk.job !== null) throw new CodedError("migration-running", { disk: disk.name, job: disk.job });
      await trx.updateTable("disk").set({ job }).where("id", "=", id).execute();
      await addDisk(trx, id, job);
    });
  }

  /**
   * Its length for whoever opens it from now on; its layer must be that long already. `disk-not-found`,
   * `migration-running` while a job holds it, `disk-in-use` where it is not `available`. With `begun` also where a job
   * holds it by now, which can't have touched it: it waits in the disk's queue, behind what can't be taken back.
   */
  resize(id: string, sizeBytes: number, { begun = false }: { readonly begun?: boolean } = {}): Promise<void> {
    return this.#session.write(async (trx) => {
      if (!begun) await demandFreeDisk(trx, id);
      await trx.updateTable("disk").set({ size_bytes: sizeBytes }).where("id", "=", id).execute();
    });
  }

  get(id: string): Promise<DiskRow | undefined> {
    return this.#one("id", id);
  }

  async find(nameOrId: string): Promise<DiskRow | undefined> {
    return (await this.#one("id", nameOrId)) ?? this.#one("name", nameOrId);
  }

  /** By name. */
  list(options: PageOptions = {}): Promise<Page<DiskRow>> {
    const { after } = options;
    return this.#session.read(
      (db) =>
        db
          .selectFrom("disk")
          .selectAll()
          .$if(after !== undefined, (query) => query.where("name", ">", after ?? ""))
          .orderBy("name")
          .limit(rowsFor(options))
          .execute(),
      (rows) => pageOf(rows, options, { item: diskRow, cursor: ({ name }) => name }),
    );
  }

  /** The disk is gone; its name is free again. */
  forget(id: string): Promise<void> {
    return this.#session.write(async (trx) => {
      await trx.deleteFrom("disk").where("id", "=", id).execute();
    });
  }

  /**
   * Gives all the disks to the job, or none: `disk-not-found`, `migration-running` where another job holds one,
   * `disk-in-use` where one is not `available`. The job must exist and not have ended; its end releases them.
   */
  claim(ids: readonly string[], job: string): Promise<void> {
    return this.#session.write(async (trx) => {
      await demandUnended(trx, job);
      await claimDisks(trx, ids, job);
    });
  }

  /** Takes back whatever the job holds. */
  release(job: string): Promise<void> {
    return this.#session.write((trx) => releaseDisks(trx, job));
  }

  #one(column: "id" | "name", value: string): Promise<DiskRow | undefined> {
    return this.#session.read(
      (db) => db.selectFrom("disk").selectAll().where(column, "=", value).executeTakeFirst(),
      (row) => row && diskRow(row),
    );
  }
}

type Columns = Selectable<Tables["disk"]>;

const columnsOf = ({
  id,
  name,
  sizeBytes,
  blockSizes,
  layer,
  state,
  epoch,
  createdAt,
  job,
}: DiskRow): Columns => ({
  id,
  name,
  size_bytes: sizeBytes,
  block_minimum: blockSizes.minimum,
  block_preferred: blockSizes.preferred,
  block_maximum: blockSizes.maximum,
  state,
  epoch,
  datastore: layer.datastore,
  layer: layer.layer,
  created_at: createdAt,
  job,
});

const diskRow = (row: Columns): DiskRow => ({
  id: row.id,
  name: row.name,
  sizeBytes: row.size_bytes,
  blockSizes: {
    minimum: row.block_minimum,
    preferred: row.block_preferred,
    maximum: row.block_maximum,
  },
  state: row.state,
  epoch: row.epoch,
  layer: { datastore: row.datastore, layer: row.layer },
  createdAt: row.created_at,
  job: row.job,
});
