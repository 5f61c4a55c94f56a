import { randomInt } from "node:crypto";
import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import type { Layer } from "pagurus";
import type { Bench } from "../common/bench.ts";
import type { Site } from "../common/site.ts";
import { dataAt, newPattern } from "../load/data.ts";
import { middle, spread } from "../report/table.ts";
import { LAYER, openDatastore, stamp } from "./in-process.ts";
import { untilQuiet } from "./log-objects.ts";
import type { Store, StoreBucket } from "./store.ts";
import { AMPLIFICATION, rows } from "./works.ts";

const MIB = 1024 * 1024;
const BLOCK_BYTES = 4096;
/** The working set is written so many times over. */
const ROUNDS = 3;
const SAMPLE_MS = 500;
/** So many writes without a turn for anything else. */
const AT_ONCE = 64;

/** The datastore alone, in this process. All of the working set is live; nothing is flushed, so objects are full. */
export const benchAmplification = async (bench: Bench, store: Store, { undo }: Site): Promise<void> => {
  const { signal } = bench;
  const sizeBytes = bench.sized(1024, 256) * MIB;
  await bench.measure(
    {
      place: store.name,
      name: AMPLIFICATION,
      columns: [
        middle("x written", "amplification"),
        middle("bucket x live", "meanTimesLive"),
        middle("at most", "mostTimesLive"),
        spread("mostTimesLive"),
        middle("MB/s written", "megabytesPerSecond"),
        middle("s", "seconds"),
      ],
      subjects: [
        {
          name: rows.bucket,
          ours: true,
          async run() {
            const bucket = await store.newBucket(undo);
            const { datastore, tally } = openDatastore(bucket.section);
            await datastore.create({ layer: LAYER, sizeBytes, stamp });
            const layer = await datastore.open(LAYER, { sizeBytes });
            try {
              await fillLayer(layer);
              await untilQuiet(bucket, signal);
              const before = tally.counts.bytesSent;
              const startedMs = performance.now();
              const stored = await sampled(bucket, () => writeAtRandom(layer, ROUNDS * sizeBytes, signal));
              await layer.flush();
              const seconds = (performance.now() - startedMs) / 1000;
              return {
                seconds,
                megabytesPerSecond: (ROUNDS * sizeBytes) / seconds / 1e6,
                amplification: (tally.counts.bytesSent - before) / (ROUNDS * sizeBytes),
                meanTimesLive: stored.reduce((sum, bytes) => sum + bytes, 0) / stored.length / sizeBytes,
                mostTimesLive: Math.max(...stored) / sizeBytes,
              };
            } finally {
              await layer.close();
              await datastore.stop();
            }
          },
        },
      ],
    },
    bench.repetitions(2, 1),
  );
};

const fillLayer = async (layer: Layer): Promise<void> => {
  const pattern = newPattern(MIB);
  for (let at = 0; at < layer.sizeBytes; at += MIB) await layer.write(at, dataAt(pattern, at));
  await layer.flush();
};

const writeAtRandom = async (layer: Layer, bytes: number, signal: AbortSignal): Promise<void> => {
  const pattern = newPattern(BLOCK_BYTES);
  const blocks = layer.sizeBytes / BLOCK_BYTES;
  for (let written = 0; written < bytes / BLOCK_BYTES; written++) {
    const at = randomInt(blocks) * BLOCK_BYTES;
    await layer.write(at, dataAt(pattern, at));
    if (written % AT_ONCE > 0) continue;
    signal.throwIfAborted();
    await turn();
  }
};

/** Bytes of the whole bucket, several times a second while something happens to it. */
const sampled = async (bucket: StoreBucket, happen: () => Promise<void>): Promise<readonly number[]> => {
  const stored: number[] = [];
  const over = new AbortController();
  const sampling = (async () => {
    do {
      stored.push(await storedBytes(bucket));
      await sleep(SAMPLE_MS, undefined, { signal: over.signal }).catch(() => undefined);
    } while (!over.signal.aborted);
  })();
  try {
    await happen();
  } finally {
    over.abort();
    await sampling;
  }
  return stored;
};

const storedBytes = async ({ direct, name }: StoreBucket): Promise<number> => {
  let bytes = 0;
  for await (const { size } of direct.listObjectsV2(name, "", true)) bytes += size;
  return bytes;
};
