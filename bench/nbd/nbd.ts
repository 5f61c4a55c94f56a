import type { Bench } from "../common/bench.ts";
import { demandInstalled } from "../common/installed.ts";
import { settleDisk } from "../common/page-cache.ts";
import { demandSpace } from "../common/place.ts";
import { type Site, withSite } from "../common/site.ts";
import { fill } from "../load/fio.ts";
import { benchCold } from "./cold.ts";
import { benchCompany, benchStuckFlush } from "./company.ts";
import { loadColumns, measureLoad } from "./fio-subject.ts";
import { nbdGoals } from "./goals.ts";
import { benchHeldMove } from "./held-move.ts";
import { benchNbdcopy } from "./nbdcopy.ts";
import { startServers } from "./servers.ts";
import { COLD, COMPANY, HELD_MOVE, NBDCOPY, works } from "./works.ts";

const GIB = 1024 ** 3;
/** Disks of three servers, the source that is copied in, and some air. */
const DISKS = 5;

/** NBD servers side by side. */
export const benchNbd = async (bench: Bench): Promise<void> => {
  demandInstalled("fio");
  for (const place of bench.places) {
    if ([...works.map(({ name }) => name), NBDCOPY.in, NBDCOPY.out].some((name) => bench.wants(name)))
      await withSite(place, (site) => benchWarm(bench, site));
    if (bench.wants(HELD_MOVE)) await withSite(place, (site) => benchHeldMove(bench, site));
    if (bench.wants(COMPANY.rude)) await withSite(place, (site) => benchCompany(bench, site));
    if (bench.wants(COMPANY.stuck)) await withSite(place, (site) => benchStuckFlush(bench, site));
    // What is in memory is never cold.
    if (!place.inMemory && Object.values(COLD).some((name) => bench.wants(name)))
      await withSite(place, (site) => benchCold(bench, site));
  }
  bench.sayGoals(nbdGoals);
};

const benchWarm = async (bench: Bench, { place, folder, undo }: Site): Promise<void> => {
  const { signal } = bench;
  const sizeBytes = bench.sized(2 * GIB, GIB / 4);
  demandSpace(place, DISKS * sizeBytes);
  const { servers } = await startServers(bench, { folder, sizeBytes, undo });
  for (const { uri } of servers) await fill(uri, { cwd: folder, signal });
  const seconds = bench.sized(3, 0.7);
  for (const { name, load } of works)
    if (bench.wants(name))
      await bench.measure(
        {
          place: place.name,
          name,
          columns: loadColumns,
          subjects: servers.map((server) => ({
            name: server.name,
            ours: server.ours,
            prepare: () => settleDisk(folder, signal),
            run: () => measureLoad(server, { ...load, seconds }, { cwd: folder, signal }),
          })),
        },
        bench.repetitions(5, 3),
      );
  await benchNbdcopy(bench, { place, folder, servers, sizeBytes });
};
