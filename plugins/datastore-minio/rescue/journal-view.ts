import { CodedError, type ExaminedLayer } from "pagurus";
import { unlessDamaged } from "../fetch-index.ts";
import type { JournaledLayer } from "../journal/at-stake.ts";
import { readHeldJournal, recoverHeld, standsFor } from "../journal/held-journal.ts";
import type { NamedJournal } from "../layer-record.ts";
import { logObjectKey } from "../layout.ts";
import { recoverLog } from "../recovery.ts";

/** What an opening would find in the journal that a layer's record names, looked at from here. */
export interface JournalView {
  /**
   * `whole`: with it the disk is what was flushed; `away`: it isn't here, and may hold what the bucket lacks; `unfit`: it
   * can't be replayed on what is left of the log.
   */
  readonly state: "whole" | "away" | "unfit";
  readonly reason: string;
}

const UNFIT: JournalView = {
  state: "unfit",
  reason: "it may hold what was flushed, and doesn't go on where the log ends",
};

/** Changes nothing. `object-newer`. */
export const viewJournal = async (layer: JournaledLayer, journal: NamedJournal): Promise<JournalView> => {
  const { objects, record } = layer;
  const { log, window } = record;
  // What is damaged otherwise than at its end no journal makes whole.
  const recovered = await recoverLog(objects, { log, window }).catch(unlessDamaged);
  if (recovered === undefined) return UNFIT;
  const from = journal.replayedFrom ?? recovered.missing;
  try {
    const held = await readHeldJournal(layer, journal, from);
    await held.close();
    if (journal.replayedFrom === undefined) await (await recoverHeld(layer, journal)).held.close();
    else if (!standsFor(from, record)) return UNFIT;
    const through = held.batches.at(-1)?.head.number;
    return {
      state: "whole",
      reason: through === undefined ? "it holds nothing that the bucket lacks" : holds(from, through),
    };
  } catch (error) {
    if (CodedError.is(error, "journal-missing") || CodedError.is(error, "datastore-unavailable"))
      return { state: "away", reason: String(error.data["reason"]) };
    if (unfitCodes.some((code) => CodedError.is(error, code))) return UNFIT;
    throw error;
  }
};

const unfitCodes = ["journal-unfit", "journal-changed", "object-damaged"] as const;

const holds = (from: number, through: number): string =>
  `it holds what was flushed, of the segments ${from} to ${through}`;

/** A layer whose bucket has lost its log's end, as the journal makes it: nobody is told to cut what it may hold. */
export const toldWithJournal = async (
  { cutAt, ...told }: ExaminedLayer,
  layer: JournaledLayer,
): Promise<ExaminedLayer> => {
  const { objects, record } = layer;
  const { journal, log, removed } = record;
  if (cutAt === undefined) return told;
  if (journal === undefined || removed) return { ...told, cutAt };
  const view = await viewJournal(layer, journal);
  const missing = objects.location(logObjectKey(log, cutAt));
  const damage = told.damage.map((each) =>
    each.object === missing
      ? {
          ...each,
          problem: `${each.problem}; ${whatToDo(view, journal)}`,
          ...(view.state === "whole" && { ranges: [], bytes: 0 }),
        }
      : each,
  );
  return { ...told, damage, ...(view.state === "unfit" && { cutAt }) };
};

const whatToDo = ({ state, reason }: JournalView, { id, path, host }: NamedJournal): string => {
  if (state === "whole")
    return `the journal ${path} makes it whole (${reason}): open the disk with it, which writes that to the bucket again`;
  const lost = "`pagurus datastores accept-loss` goes on without it, before any repair";
  if (state === "unfit") return `of the journal ${id} (${path} on ${host}), ${reason}: ${lost}`;
  return `the journal ${id} (${path} on ${host}) may hold it, and ${reason}: open the disk with that journal. Where it is lost, ${lost}`;
};
