import type { Bench } from "../common/bench.ts";
import { demandInstalled, isInstalled } from "../common/installed.ts";
import { settleDisk } from "../common/page-cache.ts";
import { demandSpace } from "../common/place.ts";
import type { Subject } from "../common/repeat.ts";
import { type Site, withSite } from "../common/site.ts";
import { fill } from "../load/fio.ts";
import { medianOf } from "../report/series.ts";
import { middle, spread, times } from "../report/table.ts";
import { benchImpact } from "./impact.ts";
import { liveColumns, liveSubject } from "./live.ts";
import { type Mover, pagurusMover, qemuMovers, slowFlushMover } from "./mover.ts";
import { IDLE, IMPACT, moveGoals, PACED, SLOW_FLUSH, UNTHROTTLED } from "./works.ts";

const MIB = 1024 * 1024;
/** Sources and targets of both, and some air. */
const DISKS = 5;

/** Live moves beside those of QEMU's storage daemon. */
export const benchMove = async (bench: Bench): Promise<void> => {
  demandInstalled("fio");
  const sizeBytes = bench.sized(1024, 256) * MIB;
  for (const place of bench.places) {
    demandSpace(place, DISKS * sizeBytes);
    if ([UNTHROTTLED, PACED].some(({ name }) => bench.wants(name)) || bench.wants(IDLE))
      await withSite(place, (site) => besideQemu(bench, { ...site, sizeBytes }));
    if (bench.wants(IMPACT)) await withSite(place, (site) => benchImpact(bench, { ...site, sizeBytes }));
    if (bench.wants(SLOW_FLUSH.name))
      await withSite(place, (site) => toSlowTarget(bench, { ...site, sizeBytes }));
  }
  bench.sayGoals(moveGoals);
};

interface MoveSite extends Site {
  readonly sizeBytes: number;
}

const besideQemu = async (bench: Bench, site: MoveSite): Promise<void> => {
  const { place, folder } = site;
  const movers = [await pagurusMover(bench, site)];
  if (isInstalled(bench, "qemu-storage-daemon")) movers.push(...(await qemuMovers(bench, site)));
  for (const uri of new Set(movers.map(({ uri }) => uri)))
    await fill(uri, { cwd: folder, signal: bench.signal });
  const idle = await bench.measure(
    {
      place: place.name,
      name: IDLE,
      columns: [
        middle("s", "seconds"),
        spread("seconds"),
        times("qemu background", "seconds"),
        middle("bulk s", "bulkSeconds"),
        middle("settle s", "settleSeconds"),
        middle("pause ms", "pauseMs"),
      ],
      subjects: movers.map((mover) => idleSubject(bench, mover, site)),
    },
    bench.repetitions(5, 2),
  );
  const idleSeconds = new Map(idle.map((series) => [series.subject, medianOf(series, "seconds")]));
  for (const { name, load, maxPauseMs } of [UNTHROTTLED, PACED])
    if (bench.wants(name))
      await bench.measure(
        {
          place: place.name,
          name,
          columns: liveColumns,
          subjects: movers.map((mover) =>
            liveSubject(bench, mover, {
              ...site,
              load,
              maxPauseMs,
              idleSeconds: idleSeconds.get(mover.name),
            }),
          ),
        },
        bench.repetitions(10, 3),
      );
};

const idleSubject = (bench: Bench, mover: Mover, { folder, sizeBytes }: MoveSite): Subject => ({
  name: mover.name,
  ours: mover.ours,
  prepare: () => settleDisk(folder, bench.signal),
  async run() {
    const { startedAtMs, endedAtMs, pauseMs, bytesCopied, ...ours } = await mover.move({
      maxPauseMs: UNTHROTTLED.maxPauseMs,
    });
    return {
      seconds: (endedAtMs - startedAtMs) / 1000,
      pauseMs,
      copiedTimes: bytesCopied / sizeBytes,
      ...(ours.bulkMs !== undefined && { bulkSeconds: ours.bulkMs / 1000 }),
      ...(ours.settleMs !== undefined && { settleSeconds: ours.settleMs / 1000 }),
    };
  },
});

const toSlowTarget = async (bench: Bench, site: MoveSite): Promise<void> => {
  const { place, folder } = site;
  const { name, load, maxPauseMs, flushDelayMs } = SLOW_FLUSH;
  const mover = await slowFlushMover(bench, { ...site, flushDelayMs });
  await fill(mover.uri, { cwd: folder, signal: bench.signal });
  const subjects = [liveSubject(bench, mover, { ...site, load, maxPauseMs, idleSeconds: undefined })];
  await bench.measure({ place: place.name, name, columns: liveColumns, subjects }, bench.repetitions(5, 3));
};
