import { randomBytes } from "node:crypto";
import { CELL_BYTES } from "../../plugins/datastore-minio/cell.ts";
import { encodeCheckpoint } from "../../plugins/datastore-minio/checkpoint.ts";
import { ExtentMap } from "../../plugins/datastore-minio/extent-map.ts";
import { LayerRecords } from "../../plugins/datastore-minio/layer-record.ts";
import { checkpointKey, logObjectKey } from "../../plugins/datastore-minio/layout.ts";
import {
  encodeIndex,
  NO_NONCE,
  NO_PREDECESSOR,
  type SegmentIndex,
} from "../../plugins/datastore-minio/segment-index.ts";
import { CodedError } from "../../src/contract/index.ts";
import { LAYER, type openDatastore, stamp } from "./in-process.ts";
import { SEGMENT_BYTES, WINDOW } from "./works.ts";

/** 64 KiB: what the map knows of a disk comes in such runs, none beside the next in the log. */
const RUN_BLOCKS = 16;
const RUNS_PER_SEGMENT = Math.floor(SEGMENT_BYTES / (RUN_BLOCKS * CELL_BYTES));
/** Coprime to every number of runs that is asked for: it spreads neighbours over the log. */
const STRIDE = 1_000_003;
const PUTS_AT_ONCE = 16;

export interface LargeLog {
  readonly sizeBytes: number;
  readonly segments: number;
}

/**
 * Makes a layer whose map is that of a disk that was written everywhere, with a checkpoint, without writing it: opening
 * reads no cells, so the objects before the checkpoint are there and have none. They can't be read.
 */
export const makeLargeLog = async (
  { datastore, objects }: ReturnType<typeof openDatastore>,
  { sizeBytes, segments }: LargeLog,
): Promise<void> => {
  await datastore.create({ layer: LAYER, sizeBytes, stamp });
  const record = await new LayerRecords(objects).find(LAYER);
  if (record === undefined) throw new CodedError("internal", { reason: "the layer is gone" });
  const { log } = record;
  const nonce = randomBytes(16).toString("hex");
  const index = (number: number, more: Partial<SegmentIndex> = {}): SegmentIndex => ({
    kind: "segment",
    log,
    number,
    nonce,
    predecessor: NO_PREDECESSOR,
    confirmedThrough: 0,
    checkpoint: { number: 0, nonce: NO_NONCE },
    continuesAt: 0,
    records: new Uint32Array(),
    cellBytes: 0,
    ...more,
  });
  let next = 1;
  const lane = async () => {
    for (let number = next++; number <= segments; number = next++)
      await objects.put(logObjectKey(log, number), [encodeIndex(index(number)).bytes]);
  };
  await Promise.all(Array.from({ length: PUTS_AT_ONCE }, lane));
  const { checksum } = encodeIndex(index(segments));
  const checkpoint = { number: segments, nonce };
  const map = mapOf({ sizeBytes, segments });
  using held = map.hold();
  for await (const { suffix, bytes } of encodeCheckpoint(held, {
    log,
    number: segments,
    checksum,
    sizeBytes,
  }))
    await objects.put(checkpointKey(log, checkpoint) + suffix, bytes);
  const fence = index(segments + 1, {
    kind: "fence",
    predecessor: checksum,
    confirmedThrough: segments,
    checkpoint,
    continuesAt: segments + 1 + WINDOW,
  });
  await objects.put(logObjectKey(log, segments + 1), [encodeIndex(fence).bytes]);
};

const mapOf = ({ sizeBytes, segments }: LargeLog): ExtentMap => {
  const map = new ExtentMap();
  const runs = Math.floor(sizeBytes / (RUN_BLOCKS * 4096));
  for (let run = 0; run < Math.min(runs, segments * RUNS_PER_SEGMENT); run++) {
    const segment = 1 + Math.floor(run / RUNS_PER_SEGMENT);
    const inSegment = run % RUNS_PER_SEGMENT;
    if (inSegment === 0) map.add(segment, RUNS_PER_SEGMENT * RUN_BLOCKS * CELL_BYTES);
    map.put(((run * STRIDE) % runs) * RUN_BLOCKS, RUN_BLOCKS, segment, inSegment * RUN_BLOCKS * CELL_BYTES);
  }
  return map;
};

/** So many segments hold a disk of that size. */
export const segmentsFor = (sizeBytes: number): number =>
  Math.ceil(sizeBytes / (RUN_BLOCKS * 4096) / RUNS_PER_SEGMENT);
