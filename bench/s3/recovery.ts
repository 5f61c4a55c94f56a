import { fileURLToPath } from "node:url";
import type { JsonObject } from "../../src/contract/index.ts";
import type { Bench } from "../common/bench.ts";
import { projectFolder } from "../common/built.ts";
import { startProgram } from "../common/program.ts";
import type { Site } from "../common/site.ts";
import { middle, spread } from "../report/table.ts";
import { LAYER, openDatastore } from "./in-process.ts";
import { makeLargeLog, segmentsFor } from "./large-log.ts";
import type { Store } from "./store.ts";
import { RECOVERY, rows } from "./works.ts";

const GIB = 1024 ** 3;
const SIZE_BYTES = 100 * GIB;
/** Hardly any more makes a checkpoint: as many are left to be read as there can be. */
const FLUSHES = 500;

/** The datastore alone, in this process: the time until a disk whose writer was killed can be written again. */
export const benchRecovery = async (bench: Bench, store: Store, { undo }: Site): Promise<void> => {
  const { signal } = bench;
  const bucket = await store.newBucket(undo);
  const { section } = bucket;
  const segments = bench.sized(segmentsFor(SIZE_BYTES), 500);
  // Past any delay: there is much to be made.
  const direct = openDatastore({ ...section, endpoint: store.direct.url });
  await makeLargeLog(direct, { sizeBytes: SIZE_BYTES, segments });
  await direct.datastore.stop();
  await bench.measure(
    {
      place: store.name,
      name: RECOVERY,
      columns: [
        middle("s", "seconds"),
        spread("seconds"),
        middle("segments", "segments"),
        middle("GETs", "gets"),
        middle("MiB received", "receivedBytes", 1024 ** 2),
      ],
      subjects: [
        {
          name: rows.bucket,
          ours: true,
          prepare: () =>
            writeAndDie({ ...section, endpoint: store.direct.url }, bench.sized(FLUSHES, 20), signal),
          run: async () => ({ segments, ...(await openOnce(section)) }),
        },
      ],
    },
    bench.repetitions(5, 1),
  );
};

const openOnce = async (section: JsonObject) => {
  const { datastore, tally } = openDatastore(section);
  try {
    const startedMs = performance.now();
    const layer = await datastore.open(LAYER, { sizeBytes: SIZE_BYTES });
    const seconds = (performance.now() - startedMs) / 1000;
    const { requests, bytesReceived: receivedBytes } = tally.counts;
    await layer.close();
    return { seconds, gets: requests.get, receivedBytes };
  } finally {
    await datastore.stop();
  }
};

const writeAndDie = async (section: JsonObject, flushes: number, signal: AbortSignal): Promise<void> => {
  const program = fileURLToPath(new URL("doomed-writer.ts", import.meta.url));
  const task = JSON.stringify({ section, sizeBytes: SIZE_BYTES, flushes });
  const writer = startProgram(process.execPath, ["--import", "tsx", program, task], {
    signal,
    cwd: projectFolder,
  });
  try {
    await writer.firstLine;
  } finally {
    await writer.stop("SIGKILL");
  }
};
