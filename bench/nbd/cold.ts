import type { Bench } from "../common/bench.ts";
import { dropCache, settleDisk } from "../common/page-cache.ts";
import { demandSpace } from "../common/place.ts";
import type { Site } from "../common/site.ts";
import { fill, runFio, startFio } from "../load/fio.ts";
import { middle, spread, times } from "../report/table.ts";
import { loadColumns, measureLoad } from "./fio-subject.ts";
import { type ServedFile, startServers } from "./servers.ts";
import { COLD } from "./works.ts";

const MIB = 1024 * 1024;
const cold = { rw: "randread", blockSize: "4k", depth: 32 } as const;
const cached = { rw: "randread", blockSize: "4k", depth: 1 } as const;

/** Reads that wait for the disk, and what they do to a cached disk in the same thread. */
export const benchCold = async (bench: Bench, { place, folder, undo }: Site): Promise<void> => {
  const { signal } = bench;
  const options = { cwd: folder, signal };
  const sizeBytes = bench.sized(2048, 512) * MIB;
  demandSpace(place, 4 * sizeBytes);
  const { pagurus, servers } = await startServers(bench, { folder, sizeBytes, undo, diskThreads: 1 });
  const neighbour = await pagurus.createDisk("neighbour", 64 * MIB);
  for (const { uri } of [...servers, neighbour]) await fill(uri, options);
  const seconds = bench.sized(3, 1);
  const repetitions = bench.repetitions(5, 3);
  const chill = async ({ file }: ServedFile) => {
    await settleDisk(folder, signal);
    await dropCache(file, signal);
  };
  if (bench.wants(COLD.alone))
    await bench.measure(
      {
        place: place.name,
        name: COLD.alone,
        columns: loadColumns,
        subjects: servers.map((server) => ({
          name: server.name,
          ours: server.ours,
          prepare: () => chill(server),
          run: () => measureLoad(server, { ...cold, seconds }, options),
        })),
      },
      repetitions,
    );
  if (!bench.wants(COLD.neighbour)) return;
  const run = async () => {
    const { iops, p50Us, p99Us } = await runFio(neighbour.uri, { ...cached, seconds }, options);
    return { iops, p50Us, p99Us };
  };
  /** The cached reads while a server reads cold: ours does so in the same thread, a peer only on the same machine. */
  const beside = (server: ServedFile) => async () => {
    const loading = startFio(server.uri, { ...cold, seconds: 2 * seconds }, options);
    try {
      const values = await run();
      const { iops } = await loading.result();
      return { ...values, coldIops: iops };
    } finally {
      await loading.stop();
    }
  };
  await bench.measure(
    {
      place: place.name,
      name: COLD.neighbour,
      columns: [
        middle("IOPS", "iops"),
        middle("p50 us", "p50Us"),
        middle("p99 us", "p99Us"),
        spread("p99Us"),
        times("alone", "p99Us", "p99 x alone"),
        middle("cold IOPS beside it", "coldIops"),
      ],
      subjects: [
        { name: "alone", ours: true, run },
        ...servers.map((server) => ({
          name: server.ours ? COLD.sameThread : `${server.name} reads`,
          ours: server.ours,
          prepare: () => chill(server),
          run: beside(server),
        })),
      ],
    },
    repetitions,
  );
};
