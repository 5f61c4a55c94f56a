import type { Bench } from "../common/bench.ts";
import type { Site } from "../common/site.ts";
import { fill, runFio } from "../load/fio.ts";
import { middle, spread, times } from "../report/table.ts";
import { startPagurus } from "../servers/pagurus.ts";
import { logObjects, untilQuiet } from "./log-objects.ts";
import { plainGets } from "./plain.ts";
import type { Store } from "./store.ts";
import { throughputColumns } from "./throughput.ts";
import { COLD, rows, WARM } from "./works.ts";

const MIB = 1024 * 1024;
/** Of a disk that is larger by far and read from its beginning to its end: nothing is there still. */
const COLD_CACHE_BYTES = 16 * MIB;

/** Reads through NBD, from the bucket and from memory. */
export const benchReads = async (bench: Bench, store: Store, { folder, undo }: Site): Promise<void> => {
  const { signal } = bench;
  const options = { cwd: folder, signal };
  const sizeBytes = bench.sized(1024, 64) * MIB;
  const warmBytes = bench.sized(128, 16) * MIB;
  const [cold, warm] = [await store.newBucket(undo), await store.newBucket(undo)];
  const pagurus = await startPagurus({
    folder,
    signal,
    datastores: { cold: { ...cold.section, cacheBytes: COLD_CACHE_BYTES }, warm: warm.section },
  });
  undo.add(() => pagurus.stop());
  if (bench.wants(COLD)) {
    const { uri } = await pagurus.createDisk("cold", sizeBytes, "cold");
    await fill(uri, options);
    await untilQuiet(cold, signal);
    const keys = (await logObjects(cold)).map(({ key }) => key);
    const read = async () => {
      const load = { rw: "read", blockSize: "1m", depth: 4 } as const;
      const { bytesPerSecond } = await runFio(uri, load, options);
      return { megabytesPerSecond: bytesPerSecond / 1e6, seconds: sizeBytes / bytesPerSecond };
    };
    await bench.measure(
      {
        place: store.name,
        name: COLD,
        columns: [...throughputColumns, times(rows.gets, "megabytesPerSecond")],
        subjects: [
          { name: rows.bucket, ours: true, run: read },
          { name: rows.gets, ours: false, run: () => plainGets(cold, keys) },
        ],
      },
      bench.repetitions(5, 2),
    );
  }
  if (!bench.wants(WARM)) return;
  const disks = [
    { name: rows.bucket, ...(await pagurus.createDisk("warm", warmBytes, "warm")) },
    { name: rows.local, ...(await pagurus.createDisk("local", warmBytes)) },
  ];
  for (const { uri } of disks) {
    await fill(uri, options);
    await runFio(uri, { rw: "read", blockSize: "1m", depth: 4 }, options);
  }
  await bench.measure(
    {
      place: store.name,
      name: WARM,
      columns: [
        middle("IOPS", "iops"),
        spread("iops"),
        times(rows.local, "iops"),
        middle("p50 us", "p50Us"),
        middle("p99 us", "p99Us"),
      ],
      subjects: disks.map(({ name, uri }) => ({
        name,
        ours: true,
        async run() {
          const load = { rw: "randread", blockSize: "4k", depth: 16, seconds: bench.sized(3, 1) } as const;
          const { iops, p50Us, p99Us } = await runFio(uri, load, options);
          return { iops, p50Us, p99Us };
        },
      })),
    },
    bench.repetitions(5, 2),
  );
};
