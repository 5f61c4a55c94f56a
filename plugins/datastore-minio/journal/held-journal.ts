import { CodedError } from "pagurus";
import { logSeedOf } from "../cell-checksum.ts";
import { fetchIndex } from "../fetch-index.ts";
import type { NamedJournal } from "../layer-record.ts";
import { logObjectKey } from "../layout.ts";
import type { RecoveredLog } from "../recovery.ts";
import { atStake, type JournaledLayer } from "./at-stake.ts";
import type { Batch, BatchOwner } from "./batch.ts";
import type { JournalFile } from "./directory.ts";
import type { JournalHome } from "./home.ts";
import { findBatches, gapIn, readBatch, type StoredBatch } from "./stored-batches.ts";

/** What the journal of a log's last writer holds and the bucket lacks. */
export interface HeldJournal {
  readonly home: JournalHome;
  readonly owner: BatchOwner;
  readonly batches: readonly StoredBatch[];
  /** One of them, which was sound when they were found: `journal-changed`. */
  read(batch: StoredBatch): Promise<Batch>;
  close(): Promise<void>;
}

/** All batches of segments from `from` on. `journal-missing`, `journal-unfit`: what was acknowledged isn't all there. */
export const readHeldJournal = async (
  layer: JournaledLayer,
  journal: NamedJournal,
  from: number,
): Promise<HeldJournal> => {
  const { home, record } = layer;
  const missing = (reason: string) => atStake("journal-missing", layer, journal, reason);
  if (home === undefined) throw await missing("this datastore has no journal configured");
  const id = await home.id();
  if (id !== journal.id) throw await missing(`${home.path} is the journal ${id}`);
  const directory = await home.find(record.log, journal.nonce);
  if (directory === undefined) throw await missing(`${home.path} holds nothing of it`);
  const owner = { logSeed: logSeedOf(record.log), nonce: journal.nonce };
  const files: JournalFile[] = [];
  const close = async () => {
    await Promise.allSettled(files.map((file) => file.close()));
    await directory.close();
  };
  try {
    const batches = await findBatches(directory, owner, from, files);
    const gap = gapIn(batches, from);
    if (gap !== undefined) throw await atStake("journal-unfit", layer, journal, gap);
    const read = async ({ file, at, head }: StoredBatch) => {
      const batch = await readBatch(owner, file, at);
      if (batch?.head.ordinal === head.ordinal) return batch;
      throw new CodedError("journal-changed", { ...layer.ref, path: home.path, batch: head.ordinal });
    };
    return { home, owner, batches, read, close };
  } catch (error) {
    await close();
    throw error;
  }
};

/** The number of the first object that the bucket lacks of what the journal's writer wrote. */
export const firstMissing = async (
  layer: JournaledLayer,
  journal: NamedJournal,
  { last, missing }: RecoveredLog,
): Promise<number> => {
  const tip = await fetchIndex(layer.objects, logObjectKey(layer.record.log, last));
  if (tip?.index.nonce === journal.nonce) return missing;
  throw await atStake("journal-unfit", layer, journal, "another writer has gone on with the disk since");
};
