import { CodedError } from "pagurus";
import { type RecoveredLog, recoverLog } from "../recovery.ts";
import { replay } from "../replay.ts";
import type { JournaledLayer } from "./at-stake.ts";
import type { Batch } from "./batch.ts";
import { recoverHeld } from "./held-journal.ts";

/** A log, with what only its journal holds. */
export interface WholeLog {
  readonly recovered: RecoveredLog;
  /** The cells of segments that the bucket lacks. */
  readonly cells: (segment: number) => Buffer | undefined;
}

/** Reads a layer's log without taking it over, as it was flushed: in the bucket, and after that in the journal. */
export const readWholeLog = async (layer: JournaledLayer): Promise<WholeLog> => {
  const { objects, ref, record } = layer;
  const { journal } = record;
  if (journal === undefined) return { recovered: await recoverLog(objects, record), cells: () => undefined };
  if (journal.replayedFrom !== undefined)
    throw new CodedError("layer-in-use", { ...ref, holder: "whoever replays its journal, or is to" });
  const { recovered, held } = await recoverHeld(layer, journal);
  try {
    const parts = new Map<number, Batch[]>();
    for (const stored of held.batches) {
      const { number } = stored.head;
      parts.set(number, [...(parts.get(number) ?? []), await held.read(stored)]);
    }
    const segments = new Map<number, Buffer>();
    for (const [number, batches] of parts) {
      const cells = Buffer.concat(batches.map((batch) => batch.cells));
      segments.set(number, cells);
      replay(recovered.map, {
        kind: "segment",
        number,
        records: joined(batches.map(({ words }) => words)),
        cellBytes: cells.length,
      });
    }
    return { recovered, cells: (segment) => segments.get(segment) };
  } finally {
    await held.close();
  }
};

const joined = (parts: readonly Uint32Array[]): Uint32Array => {
  const all = new Uint32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
};
