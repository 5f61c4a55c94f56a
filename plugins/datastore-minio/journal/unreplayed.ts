import { join } from "node:path";
import { CodedError, type Log } from "pagurus";
import type { NamedJournal } from "../layer-record.ts";
import type { LogFacts } from "../recovery.ts";
import type { JournaledLayer } from "./at-stake.ts";
import { type HeldJournal, readHeldJournal, recoverHeld, standsFor } from "./held-journal.ts";

/** What is to be written again before a layer is what was flushed; open until it is closed. */
export interface Unreplayed extends HeldJournal {
  /** The bucket has all of it: the layer needs it no more. */
  replayed(): Promise<void>;
}

/**
 * Looks, before a log is taken over, what its layer's journal holds that the bucket lacks, and records that it is going
 * to be replayed; undefined where there is nothing.
 */
export const findUnreplayed = async (layer: JournaledLayer, told: Log): Promise<Unreplayed | undefined> => {
  const { log, journal } = layer.record;
  if (journal === undefined) {
    await setAside(layer, told);
    return undefined;
  }
  const held =
    journal.replayedFrom === undefined
      ? (await recoverHeld(layer, journal)).held
      : await readHeldJournal(layer, journal, journal.replayedFrom);
  const replayed = async () => {
    await nameNext(layer, journal, undefined);
    await held.home.remove(log, journal.nonce);
  };
  try {
    if (held.batches.length > 0) {
      // From here on the log's tip is the next writer's: what is to be replayed is known by its number.
      await nameNext(layer, journal, { ...journal, replayedFrom: held.from });
      return { ...held, replayed };
    }
    await replayed();
  } catch (error) {
    await held.close();
    throw error;
  }
  await held.close();
  return undefined;
};

/** The log, for whoever takes it over to replay that: what the bucket has lost of it may be among that. */
export const factsBefore = (
  { log, window, confirmedThrough }: LogFacts,
  left: Unreplayed | undefined,
): LogFacts => {
  const facts = { log, window, confirmedThrough };
  return left !== undefined && standsFor(left.from, facts) ? { log, window } : facts;
};

/**
 * Refuses a layer whose record names another journal than was left there: somebody flushes to that. Asked between the
 * reading of the log and its fence, it leaves no gap, for whoever begins a journal has the log grow before anything is
 * answered from it: either that was read and so is the name, or the fence comes first.
 */
export const demandUnchanged = async (
  { records, ref, record }: JournaledLayer,
  left: Unreplayed | undefined,
): Promise<void> => {
  const found = await records.find(ref.layer);
  if (found === undefined) throw new CodedError("layer-not-found", { ...ref });
  if (found.log !== record.log || found.journal?.nonce !== left?.owner.nonce)
    throw new CodedError("layer-in-use", { ...ref, holder: "another server writes to it" });
};

/** Of a writer that the bucket knows nothing of: all of it is in the bucket, unless the bucket was put back to an older time. */
const setAside = async ({ home, ref, record }: JournaledLayer, told: Log): Promise<void> => {
  const names = await home?.setAside(record.log);
  if (home === undefined || names === undefined || names.length === 0) return;
  told.warn(
    "What a writer has left in the journal is of a journal that the disk doesn't name; it is kept aside",
    {
      ...ref,
      paths: names.map((name) => join(home.path, name)),
    },
  );
};

const nameNext = async (
  { records, ref }: JournaledLayer,
  { nonce }: NamedJournal,
  journal: NamedJournal | undefined,
): Promise<void> => {
  const named = await records.change(ref.layer, { journal }, (found) => found.journal?.nonce === nonce);
  if (!named) throw new CodedError("layer-in-use", { ...ref, holder: "another server opens it now" });
};
