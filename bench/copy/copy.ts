import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Bench } from "../common/bench.ts";
import { settleDisk, warm } from "../common/page-cache.ts";
import { demandSpace } from "../common/place.ts";
import { readProcesses, treeUs } from "../common/processes.ts";
import type { Subject } from "../common/repeat.ts";
import { type Site, withSite } from "../common/site.ts";
import { ratioGoal } from "../report/goals.ts";
import { faster, middle, spread } from "../report/table.ts";
import { moveDisk } from "../servers/migration.ts";
import { startPagurus } from "../servers/pagurus.ts";
import { dataRuns, writeImageDisk, writeImageFile } from "./image.ts";
import { copyTools } from "./tools.ts";

const MIB = 1024 * 1024;
/** The image, the disk, and the copy of either. */
const COPIES = 4;
const COPY = "copy of a sparse image";

const columns = [
  middle("copy s", "seconds"),
  spread("seconds"),
  middle("data MB/s", "dataMegabytesPerSecond"),
  faster("qemu-img convert -W", "seconds"),
  faster("nbdcopy", "seconds"),
  faster("cp --sparse=always", "seconds"),
  middle("flush s", "flushSeconds"),
  middle("durable s", "durableSeconds"),
  middle("cpu s", "cpuSeconds"),
  middle("MiB stored", "allocatedBytes", MIB),
];

const goal = (place: string, atLeast: number) =>
  ratioGoal({
    work: COPY,
    place,
    peer: "qemu-img convert -W",
    key: "seconds",
    inverse: true,
    what: "speed x qemu-img convert -W",
    atLeast,
  });

/** The move of an idle disk beside tools that copy files. */
export const benchCopy = async (bench: Bench): Promise<void> => {
  const sizeBytes = bench.sized(4096, 1024) * MIB;
  for (const place of bench.places)
    if (bench.wants(COPY)) {
      demandSpace(place, (COPIES * sizeBytes) / 2);
      await withSite(place, (site) => copyInPlace(bench, { ...site, sizeBytes }));
    }
  bench.sayGoals([goal("ext4", 1.2), goal("tmpfs", 0.9)]);
};

interface CopyOptions extends Site {
  readonly sizeBytes: number;
}

const copyInPlace = async (bench: Bench, { place, folder, sizeBytes, undo }: CopyOptions): Promise<void> => {
  const { signal } = bench;
  const dataBytes = [...dataRuns(sizeBytes)].reduce((sum, { length }) => sum + length, 0);
  const source = join(folder, "image.raw");
  await writeImageFile(source, sizeBytes);
  const ours = await idleMove(bench, { folder, sizeBytes, dataBytes, undo });
  await settleDisk(folder, signal);
  await warm(source, signal);
  const subjects = [ours, ...copyTools(bench, { folder, source, sizeBytes, dataBytes })];
  await bench.measure({ place: place.name, name: COPY, columns, subjects }, bench.repetitions(7, 3));
};

/** A disk that moves to the other datastore each time; what was written last is warm. */
const idleMove = async (
  bench: Bench,
  options: Omit<CopyOptions, "place"> & { readonly dataBytes: number },
): Promise<Subject> => {
  const { folder, sizeBytes, dataBytes, undo } = options;
  const { signal } = bench;
  const pagurus = await startPagurus({ folder, signal });
  undo.add(() => pagurus.stop());
  const { uri } = await pagurus.createDisk("bench", sizeBytes);
  await writeImageDisk(uri, sizeBytes, signal);
  return {
    name: "pagurus",
    ours: true,
    prepare: () => settleDisk(folder, signal),
    async run() {
      const { datastore } = await pagurus.show("bench");
      const cpuBefore = treeUs(readProcesses(), pagurus.pid);
      const to = datastore === "left" ? "right" : "left";
      const moved = await moveDisk(pagurus, { disk: "bench", to, signal });
      const cpuUs = treeUs(readProcesses(), pagurus.pid) - cpuBefore;
      const { file } = await pagurus.show("bench");
      const seconds = moved.bulkMs / 1000;
      return {
        seconds,
        flushSeconds: moved.settleMs / 1000,
        durableSeconds: (moved.endedAtMs - moved.startedAtMs) / 1000,
        dataMegabytesPerSecond: dataBytes / 1e6 / seconds,
        cpuSeconds: cpuUs / 1e6,
        allocatedBytes: (await stat(file)).blocks * 512,
        pauseMs: moved.pauseMs,
      };
    },
  };
};
