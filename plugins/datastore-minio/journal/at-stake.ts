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
  { id, host, path, maxLossBytes, since }: NamedJournal,
  reason: string,
): Promise<CodedError> => {
  let reachedAt = since;
  for await (const { modifiedAt } of objects.list(logKey(record.log)))
    reachedAt = Math.max(reachedAt, modifiedAt);
  const flushedSince = new Date(reachedAt).toISOString();
  return new CodedError(code, { ...ref, journal: id, host, path, maxLossBytes, since: flushedSince, reason });
};
