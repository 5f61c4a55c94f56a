import type { Transaction } from "kysely";
import { type Clock, CodedError, type JsonObject, type LayerRef } from "../contract/index.ts";
import { appendEntry } from "./journal.ts";
import type { Session } from "./session.ts";
import type { Tables } from "./tables.ts";

/** A disk whose owner is to change, and the epoch at which it was looked at. */
export interface ExpectedOwner {
  readonly disk: string;
  readonly expectedEpoch: number;
}

/** The only place where a disk's owner changes: its epoch and its active layer. */
export class OwnerRecord {
  readonly #session: Session;
  readonly #clock: Clock;

  constructor(session: Session, clock: Clock) {
    this.#session = session;
    this.#clock = clock;
  }

  /**
   * Makes each layer the active one of its disk at the next epoch and journals `switched` with `record`: all of it
   * or nothing. `commit-refused` when an epoch is no longer the expected one, `job-ended`, `job-not-found`: nothing
   * happened. After any other rejection the outcome is unknown, and only `abandonSwitchOver` settles it.
   */
  commitSwitchOver(switchOver: {
    readonly job: string;
    readonly moves: readonly (ExpectedOwner & { readonly layer: LayerRef })[];
    readonly record: JsonObject;
  }): Promise<void> {
    const { job, moves, record } = switchOver;
    return this.#session.write(async (trx) => {
      for (const { layer, ...expected } of moves) await advance(trx, expected, layer);
      await appendEntry(trx, { job, state: "switched", data: record, at: this.#clock.now() });
    });
  }

  /**
   * Settles by a write what became of a commit. `switched`: it happened, nothing is changed. `abandoned`: each disk
   * kept its owner and got a new epoch, so that the commit can't happen any more. May be repeated until it answers,
   * with the same answer. `commit-refused` when neither holds.
   */
  abandonSwitchOver(switchOver: {
    readonly job: string;
    readonly moves: readonly ExpectedOwner[];
  }): Promise<"abandoned" | "switched"> {
    const { job } = switchOver;
    const moves = switchOver.moves.map(({ disk, expectedEpoch }) => ({ disk, expectedEpoch }));
    return this.#session.write(async (trx) => {
      const settled = await outcomeOf(trx, job, JSON.stringify({ moves }));
      if (settled) return settled;
      for (const expected of moves) await advance(trx, expected);
      await appendEntry(trx, { job, state: "abandoned", data: { moves }, at: this.#clock.now() });
      return "abandoned";
    });
  }
}

/** Compare-and-set on the epoch; without a layer the owner stays. */
const advance = async (
  trx: Transaction<Tables>,
  { disk, expectedEpoch }: ExpectedOwner,
  layer?: LayerRef,
): Promise<void> => {
  const { numUpdatedRows } = await trx
    .updateTable("disk")
    .set({ epoch: expectedEpoch + 1, ...(layer && { datastore: layer.datastore, layer: layer.layer }) })
    .where((where) => where.and({ id: disk, epoch: expectedEpoch }))
    .executeTakeFirst();
  if (numUpdatedRows === 1n) return;
  const row = await trx.selectFrom("disk").select("name").where("id", "=", disk).executeTakeFirst();
  throw new CodedError("commit-refused", { disk: row?.name ?? disk, epoch: expectedEpoch });
};

/** What the job's journal says of the attempt; `attempt` is the text that its abandonment would have left. */
const outcomeOf = async (
  trx: Transaction<Tables>,
  job: string,
  attempt: string,
): Promise<"abandoned" | "switched" | undefined> => {
  const entries = await trx
    .selectFrom("job_entry")
    .select(["state", "data"])
    .where("job", "=", job)
    .where("state", "in", ["switched", "abandoned"])
    .execute();
  if (entries.some(({ state }) => state === "switched")) return "switched";
  return entries.some(({ data }) => data === attempt) ? "abandoned" : undefined;
};
