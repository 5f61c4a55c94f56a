import { CodedError } from "pagurus";
import { logSeedOf } from "../cell-checksum.ts";
import { fetchIndex } from "../fetch-index.ts";
import type { NamedJournal } from "../layer-record.ts";
import { logObjectKey } from "../layout.ts";
import { type LogFacts, type RecoveredLog, recoverLog } from "../recovery.ts";
import { atStake, type JournaledLayer } from "./at-stake.ts";
import type { Batch, BatchOwner } from "./batch.ts";
import type { JournalFile } from "./directory.ts";
import type { JournalHome } from "./home.ts";
import { findBatches, gapIn, readBatch, type StoredBatch } from "./stored-batches.ts";

/** What the journal of a log's last writer holds and the bucket lacks. */
export interface HeldJournal {
  readonly home: JournalHome;
  readonly owner: BatchOwner;
  /** The number of the segment that they begin with. */
  readonly from: number;
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
  if (id !== journal.id)
    throw await missing(`${home.path} is ${id === undefined ? "no journal" : `the journal ${id}`}`);
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
    return { home, owner, from, batches, read, close };
  } catch (error) {
    await close();
    throw error;
  }
};

/**
 * How far the bucket has a log, and what its journal holds after that. What the layer's record knows the bucket to have
 * had, and the bucket has lost, may be in the journal still; where it isn't all there, it is lost: `object-damaged`.
 */
export const recoverHeld = async (
  layer: JournaledLayer,
  journal: NamedJournal,
): Promise<{ readonly recovered: RecoveredLog; readonly held: HeldJournal }> => {
  const { objects, record } = layer;
  const { log, window } = record;
  const recovered = await recoverLog(objects, { log, window });
  try {
    return { recovered, held: await heldAfter(layer, journal, recovered) };
  } catch (error) {
    // Whatever is wrong with the journal: first of all that is lost which the bucket had.
    await recoverLog(objects, record);
    throw error;
  }
};

const heldAfter = async (
  layer: JournaledLayer,
  journal: NamedJournal,
  { last, missing }: RecoveredLog,
): Promise<HeldJournal> => {
  const { objects, record } = layer;
  const unfit = (reason: string) => atStake("journal-unfit", layer, journal, reason);
  const tip = await fetchIndex(objects, logObjectKey(record.log, last));
  if (tip?.index.nonce !== journal.nonce) throw await unfit("another writer has gone on with the disk since");
  const held = await readHeldJournal(layer, journal, missing);
  const { confirmedThrough = 0 } = record;
  // Of its last segment it may hold a part, whose rest was flushed to the bucket: whatever comes next lies over that.
  const reached = confirmedThrough < (held.batches.at(-1)?.head.number ?? 0);
  if (missing > confirmedThrough || (reached && standsFor(missing, record))) return held;
  await held.close();
  throw await unfit(`the bucket had everything through number ${confirmedThrough}, and it doesn't hold that`);
};

/** Whether a fence at that number, behind which a journal is replayed, ends all that the record knows of. */
export const standsFor = (from: number, { window, confirmedThrough = 0 }: LogFacts): boolean =>
  confirmedThrough < from + window;
