import { setTimeout as sleep } from "node:timers/promises";
import { NbdClient } from "pagurus/testing";
import type { Bench } from "../common/bench.ts";
import type { Place } from "../common/place.ts";
import { forgetPeak, residentBytes } from "../common/processes.ts";
import { withSite } from "../common/site.ts";
import { dataAt, newPattern } from "../load/data.ts";
import { type PickBlock, scattered, startProbe } from "../load/probe.ts";
import { eachGoal, medianGoal } from "../report/goals.ts";
import type { Values } from "../report/series.ts";
import { middle, spread } from "../report/table.ts";
import { cancelMove, startMove } from "../servers/migration.ts";
import { type Pagurus, startPagurus } from "../servers/pagurus.ts";

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const START = "start of serve";
const LARGE = "move of a sparse disk of 1 TiB";
const LARGE_BYTES = 1024 * GIB;
const LARGE_DATA_BYTES = 50 * GIB;
/** It is there twice while it moves, and the system needs some room, too. */
const SHARE_OF_ROOM = 0.4;
/** V8 gives back what start-up needed when nothing has happened for a quarter of a minute. */
const IDLE_MS = 30_000;
const YOUNG_MS = 3000;
const LOOK_MS = 50;

const goals = [
  medianGoal({ work: START, key: "readyMs", what: "ms until ready", atMost: 1000 }),
  eachGoal({ work: START, key: "idleBytes", what: "bytes resident when idle", atMost: 120 * MIB }),
  eachGoal({ work: LARGE, key: "peakBytes", what: "bytes resident at most", atMost: 250 * MIB }),
];

/** What a server costs before it serves anything, and while it moves something large. */
export const benchServe = async (bench: Bench): Promise<void> => {
  // The last place is a disk by default; neither is about its speed.
  const place = bench.places.at(-1);
  if (place === undefined) return;
  if (bench.wants(START))
    await bench.measure(
      {
        place: place.name,
        name: START,
        columns: [
          middle("ready ms", "readyMs"),
          spread("readyMs"),
          middle("MiB when ready", "readyBytes", MIB),
          middle("MiB after 3 s", "youngBytes", MIB),
          spread("youngBytes", MIB),
          middle("MiB idle", "idleBytes", MIB),
          spread("idleBytes", MIB),
        ],
        subjects: [{ name: "pagurus", ours: true, run: () => inFreshServer(bench, place, idle(bench)) }],
      },
      bench.repetitions(9, 3),
    );
  if (bench.wants(LARGE))
    await bench.measure(
      {
        place: place.name,
        name: LARGE,
        columns: [
          middle("GiB of data", "dataBytes", GIB),
          middle("MiB before", "beforeBytes", MIB),
          middle("MiB at most", "peakBytes", MIB),
          middle("percent moved", "percent"),
          middle("copies after ms", "startMs"),
          middle("in s", "seconds"),
          middle("rounds", "rounds"),
          middle("longest round ms", "longestRoundMs"),
          middle("guest waits ms at most", "waitMs"),
          middle("before", "waitBeforeMs"),
          middle("pause ms", "pauseMs"),
        ],
        subjects: [
          {
            name: "pagurus",
            ours: true,
            run: () => inFreshServer(bench, place, moveLarge(bench, place)),
          },
          {
            name: "pagurus, a guest that writes all over the disk",
            ours: true,
            run: () => inFreshServer(bench, place, moveLarge(bench, place, scattered)),
          },
        ],
      },
      bench.repetitions(1, 1),
    );
  bench.sayGoals(goals);
};

const inFreshServer = (
  { signal }: Bench,
  place: Place,
  work: (pagurus: Pagurus) => Promise<Values>,
): Promise<Values> =>
  withSite(place, async ({ folder, undo }) => {
    const pagurus = await startPagurus({ folder, signal });
    undo.add(() => pagurus.stop());
    return work(pagurus);
  });

const idle =
  ({ signal }: Bench) =>
  async ({ pid, readyMs }: Pagurus): Promise<Values> => {
    const readyBytes = residentBytes(pid).now;
    await sleep(YOUNG_MS, undefined, { signal });
    const youngBytes = residentBytes(pid).now;
    await sleep(IDLE_MS - YOUNG_MS, undefined, { signal });
    return { readyMs, readyBytes, youngBytes, idleBytes: residentBytes(pid).now };
  };

/**
 * Data in a twentieth of the disk where there is room for it, in pieces all over it, and a guest that now and then
 * writes: each look through all marks that held the event loop would make it wait. One that writes all over the disk
 * fills three bitmaps of 32 MiB. Given up after a while: memory and waits are what counts.
 */
const moveLarge =
  (bench: Bench, { freeBytes }: Place, pick?: PickBlock) =>
  async (pagurus: Pagurus): Promise<Values> => {
    const { signal } = bench;
    const pieces = bench.sized(1024, 128);
    const limitMs = bench.sized(1200, 20) * 1000;
    const pieceMib = bench.sized(
      Math.floor(Math.min(LARGE_DATA_BYTES, freeBytes * SHARE_OF_ROOM) / pieces / MIB),
      1,
    );
    const { uri } = await pagurus.createDisk("large", LARGE_BYTES);
    const client = await NbdClient.connect(uri, { signal });
    const pattern = newPattern(MIB);
    for (let mib = 0; mib < pieces * pieceMib; mib++) {
      const offset = Math.floor(mib / pieceMib) * (LARGE_BYTES / pieces) + (mib % pieceMib) * MIB;
      await client.write(offset, dataAt(pattern, offset));
    }
    await client.disconnect();
    const probe = await startProbe(uri, signal, pick);
    const probedMs = Date.now();
    await sleep(bench.sized(5000, 2000), undefined, { signal });
    const beforeBytes = residentBytes(pagurus.pid).now;
    forgetPeak(pagurus.pid);
    const startedAtMs = Date.now();
    const move = await startMove(pagurus, { disk: "large", to: "right", signal });
    let job = await move.look();
    let startMs: number | undefined;
    while (!job.ended && Date.now() - startedAtMs < limitMs) {
      await sleep(LOOK_MS, undefined, { signal });
      job = await move.look();
      if (job.phase === "copying") startMs ??= Date.now() - startedAtMs;
    }
    const endedAtMs = Date.now();
    const peakBytes = residentBytes(pagurus.pid).peak;
    if (!job.ended) await cancelMove(pagurus, move.id);
    const longestMs = await probe.end();
    const { roundsMs } = job;
    return {
      dataBytes: pieces * pieceMib * MIB,
      beforeBytes,
      peakBytes,
      percent: job.ended ? 100 : job.percent,
      ...(startMs !== undefined && { startMs }),
      seconds: (endedAtMs - startedAtMs) / 1000,
      rounds: roundsMs.length,
      ...(roundsMs.length > 0 && { longestRoundMs: Math.max(...roundsMs) }),
      waitBeforeMs: longestMs(probedMs, startedAtMs),
      waitMs: longestMs(startedAtMs, endedAtMs),
      pauseMs: job.pauseMs,
    };
  };
