import { join } from "node:path";
import type { Bench } from "../common/bench.ts";
import { isInstalled } from "../common/installed.ts";
import { settleDisk } from "../common/page-cache.ts";
import type { Place } from "../common/place.ts";
import { readProcesses, treeUs } from "../common/processes.ts";
import { runProgram } from "../common/program.ts";
import { makeData } from "../load/data.ts";
import type { Values } from "../report/series.ts";
import { copyColumns } from "./fio-subject.ts";
import type { ServedFile } from "./servers.ts";
import { NBDCOPY } from "./works.ts";

const MB = 1e6;

export interface NbdcopySite {
  readonly place: Place;
  readonly folder: string;
  readonly servers: readonly ServedFile[];
  readonly sizeBytes: number;
}

/** The whole disk to nowhere, and a file of the same size onto the disk, as nbdcopy does it by default. */
export const benchNbdcopy = async (bench: Bench, site: NbdcopySite): Promise<void> => {
  const { place, folder, servers, sizeBytes } = site;
  const wanted = Object.values(NBDCOPY).filter((name) => bench.wants(name));
  if (wanted.length === 0 || !isInstalled(bench, "nbdcopy")) return;
  const { signal } = bench;
  const source = join(folder, "source.raw");
  if (wanted.includes(NBDCOPY.in)) await makeData(source, sizeBytes);
  for (const name of wanted)
    await bench.measure(
      {
        place: place.name,
        name,
        columns: copyColumns,
        subjects: servers.map((server) => ({
          name: server.name,
          ours: server.ours,
          prepare: () => settleDisk(folder, signal),
          run: async (): Promise<Values> => {
            const sides = name === NBDCOPY.out ? [server.uri, "null:"] : ["--allocated", source, server.uri];
            const before = treeUs(readProcesses(), server.pid);
            const { wallMs } = await runProgram("nbdcopy", sides, { signal });
            const cpuUs = treeUs(readProcesses(), server.pid) - before;
            const seconds = wallMs / 1000;
            return { seconds, megabytesPerSecond: sizeBytes / MB / seconds, cpuSeconds: cpuUs / 1e6 };
          },
        })),
      },
      bench.repetitions(5, 3),
    );
};
