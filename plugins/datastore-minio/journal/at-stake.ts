import { CodedError, type LayerRef } from "pagurus";
import type { LayerRecord, LayerRecords, NamedJournal } from "../layer-record.ts";
import { logKey } from "../layout.ts";
import type { Objects } from "../objects.ts";
import type { JournalHome } from "./home.ts";

/** A layer, and the journals of its datastore, if that has any. */
export interface JournaledLayer {
  readonly home: JournalHome | undefined;
  readonly objects: Objects;
  readonly records: LayerRecords;
  readonly ref: LayerRef;
  readonly record: LayerRecord;
}

/** Why what was acknowledged isn't all there, with how much that may be as far as the bucket knows. */
export const atStake = async (
  code: "journal-missing" | "journal-unfit",
  { objects, ref, record }: JournaledLayer,
  journal: NamedJournal,
  reason: string,
): Promise<CodedError> => {
  const { id, host, path, maxLossBytes } = journal;
  const since = new Date(await reachedAt(objects, record.log, journal)).toISOString();
  return new CodedError(code, { ...ref, journal: id, host, path, maxLossBytes, since, reason });
};

/** When the bucket got the last of a log, or its journal was begun: what it lacks was flushed after that. */
export const reachedAt = async (
  objects: Objects,
  log: string,
  { since }: Pick<NamedJournal, "since">,
): Promise<number> => {
  let latest = since;
  for await (const { modifiedAt } of objects.list(logKey(log))) latest = Math.max(latest, modifiedAt);
  return latest;
};
