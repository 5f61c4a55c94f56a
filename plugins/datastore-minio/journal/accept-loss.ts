import { CodedError, type LayerRef, type Loss } from "pagurus";
import { holdLog } from "../hold.ts";
import type { LayerRecords } from "../layer-record.ts";
import type { Objects } from "../objects.ts";
import { reachedAt } from "./at-stake.ts";
import type { JournalHome } from "./home.ts";

export interface AcceptedPlace {
  readonly ref: LayerRef;
  readonly objects: Objects;
  readonly records: LayerRecords;
  readonly home: JournalHome | undefined;
}

/** Has a layer need no journal any more, without replaying it; what is there of it is set aside. */
export const acceptLoss = async (
  { ref, objects, records, home }: AcceptedPlace,
  confirmed: boolean,
): Promise<Loss> => {
  const record = await records.find(ref.layer);
  if (record === undefined) throw new CodedError("layer-not-found", { ...ref });
  const { log, journal } = record;
  if (journal === undefined) return { layer: ref.layer, done: confirmed, bytes: 0, keptAside: [] };
  const loss = {
    layer: ref.layer,
    bytes: journal.maxLossBytes,
    flushedSince: new Date(await reachedAt(objects, log, journal)).toISOString(),
    place: `${journal.path} on ${journal.host}`,
  };
  if (!confirmed) return { ...loss, done: false, keptAside: [] };
  const release = await holdLog(objects, log);
  if (release === undefined)
    throw new CodedError("layer-in-use", { ...ref, holder: "another process of this host, or this one" });
  try {
    const keptAside = (await home?.setAside(log)) ?? [];
    const { nonce } = journal;
    const done = await records.change(
      ref.layer,
      { journal: undefined },
      (now) => now.journal?.nonce === nonce,
    );
    if (!done) throw new CodedError("layer-in-use", { ...ref, holder: "another server opens it now" });
    return { ...loss, done, keptAside: [...keptAside] };
  } finally {
    await release();
  }
};
