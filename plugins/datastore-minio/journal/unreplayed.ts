import { CodedError, type LayerRef } from "pagurus";
import { logSeedOf } from "../cell-checksum.ts";
import { fetchIndex } from "../fetch-index.ts";
import type { LayerRecord, LayerRecords, NamedJournal } from "../layer-record.ts";
import { logKey, logObjectKey } from "../layout.ts";
import type { Objects } from "../objects.ts";
import { recoverLog } from "../recovery.ts";
import type { BatchOwner } from "./batch.ts";
import type { JournalDirectory, JournalFile } from "./directory.ts";
import type { JournalHome } from "./home.ts";
import { findBatches, gapIn, type StoredBatch } from "./stored-batches.ts";

/** What the journal of a log's last writer holds and the bucket lacks. */
export interface Unreplayed {
  readonly owner: BatchOwner;
  readonly batches: readonly StoredBatch[];
  /** The bucket has all of it: the layer needs it no more. */
  readonly replayed: () => Promise<void>;
  /** What it holds stays, for another try. */
  readonly close: () => Promise<void>;
}

export interface JournaledLayer {
  readonly home: JournalHome | undefined;
  readonly objects: Objects;
  readonly records: LayerRecords;
  readonly ref: LayerRef;
  readonly record: LayerRecord;
}

/**
 * Looks, before a log is taken over, what its layer's journal holds that the bucket lacks, and records that it is going
 * to be replayed; undefined where there is nothing. `journal-missing`, `journal-unfit`: what was acknowledged isn't all there.
 */
export const findUnreplayed = async (layer: JournaledLayer): Promise<Unreplayed | undefined> => {
  const { home, record } = layer;
  const { log, journal } = record;
  if (journal === undefined) {
    await home?.setAside(log);
    return undefined;
  }
  const held = await demandJournal(layer, journal);
  const files: JournalFile[] = [];
  const close = async () => {
    await Promise.allSettled(files.map((file) => file.close()));
    await held.directory.close();
  };
  const replayed = async () => {
    await nameNext(layer, journal, undefined);
    await close();
    await held.home.remove(log, journal.nonce);
  };
  try {
    const from = journal.replayedFrom ?? (await firstMissing(layer, journal));
    const found = await findBatches(held.directory, held.owner, from);
    files.push(...found.files);
    const { batches } = found;
    const gap = gapIn(batches, from);
    if (gap !== undefined) throw await unfit(layer, journal, gap);
    if (batches.length > 0) {
      // From here on the log's tip is the next writer's: what is to be replayed is known by its number.
      await nameNext(layer, journal, { ...journal, replayedFrom: from });
      return { owner: held.owner, batches, replayed, close };
    }
    await replayed();
    return undefined;
  } catch (error) {
    await close();
    throw error;
  }
};

const nameNext = async (
  { records, ref }: JournaledLayer,
  { nonce }: NamedJournal,
  journal: NamedJournal | undefined,
): Promise<void> => {
  const named = await records.change(ref.layer, { journal }, (found) => found.journal?.nonce === nonce);
  if (!named) throw new CodedError("layer-in-use", { ...ref, holder: "another server opens it now" });
};

const demandJournal = async (
  layer: JournaledLayer,
  journal: NamedJournal,
): Promise<{
  readonly home: JournalHome;
  readonly directory: JournalDirectory;
  readonly owner: BatchOwner;
}> => {
  const { home, record } = layer;
  if (home === undefined) throw await missing(layer, journal, "this datastore has none configured");
  const id = await home.id();
  if (id !== journal.id) throw await missing(layer, journal, `${home.path} is the journal ${id}`);
  const directory = await home.find(record.log, journal.nonce);
  if (directory === undefined) throw await missing(layer, journal, `${home.path} holds nothing of it`);
  return { home, directory, owner: { logSeed: logSeedOf(record.log), nonce: journal.nonce } };
};

/** The number of the first object that the bucket lacks of what the journal's writer wrote. */
const firstMissing = async (layer: JournaledLayer, journal: NamedJournal): Promise<number> => {
  const { objects, record } = layer;
  const recovered = await recoverLog(objects, record.log, record.window);
  const tip = await fetchIndex(objects, logObjectKey(record.log, recovered.last));
  if (tip?.index.nonce !== journal.nonce)
    throw await unfit(layer, journal, "another writer has gone on with the disk since");
  return recovered.missing;
};

const missing = async (layer: JournaledLayer, journal: NamedJournal, reason: string): Promise<CodedError> =>
  new CodedError("journal-missing", { ...(await atStake(layer, journal)), reason });

const unfit = async (layer: JournaledLayer, journal: NamedJournal, reason: string): Promise<CodedError> =>
  new CodedError("journal-unfit", { ...(await atStake(layer, journal)), reason });

/** As far as the bucket knows. */
const atStake = async ({ objects, ref, record }: JournaledLayer, journal: NamedJournal) => {
  const { id, host, path, maxLossBytes, since } = journal;
  let reachedAt = since;
  for await (const { modifiedAt } of objects.list(logKey(record.log)))
    reachedAt = Math.max(reachedAt, modifiedAt);
  return { ...ref, journal: id, host, path, maxLossBytes, since: new Date(reachedAt).toISOString() };
};
