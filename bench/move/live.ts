import { setTimeout as sleep } from "node:timers/promises";
import { reasonOf } from "../../src/contract/index.ts";
import type { Bench } from "../common/bench.ts";
import { settleDisk } from "../common/page-cache.ts";
import type { Subject } from "../common/repeat.ts";
import { startProbe } from "../load/probe.ts";
import { startWriter, type WriterLoad } from "../load/writer.ts";
import type { Values } from "../report/series.ts";
import { countOf, middle, spread } from "../report/table.ts";
import type { Mover } from "./mover.ts";

/** fio needs so long to come up to speed. */
const WARM_MS = 700;
/** An answer that was held to the end of the move comes after it. */
const AFTER_MS = 250;

export interface LiveOptions {
  readonly folder: string;
  readonly sizeBytes: number;
  readonly load: WriterLoad;
  readonly maxPauseMs: number;
  /** What the same mover needs when nobody writes. */
  readonly idleSeconds: number | undefined;
}

export const liveColumns = [
  countOf("moved", "moved"),
  middle("IOPS before", "beforeIops"),
  middle("during", "duringIops"),
  middle("% kept", "keptPercent"),
  spread("keptPercent"),
  middle("beside pause", "keptBesidePausePercent"),
  middle("pause ms", "pauseMs"),
  spread("pauseMs"),
  middle("client waits ms", "longestMs"),
  spread("longestMs"),
  middle("before", "longestBeforeMs"),
  middle("probe waits ms", "probeLongestMs"),
  middle("predicted ms", "predictedPauseMs"),
  middle("x disk copied", "copiedTimes"),
  middle("s", "seconds"),
  middle("x idle", "timesIdle"),
];

/** A move under a writer: how the writer fares before and meanwhile. */
export const liveSubject = (bench: Bench, mover: Mover, options: LiveOptions): Subject => {
  const { folder, load } = options;
  const { signal } = bench;
  return {
    name: mover.name,
    ours: mover.ours,
    async prepare() {
      await mover.back?.();
      await settleDisk(folder, signal);
    },
    async run() {
      const writer = startWriter(mover.uri, load, { cwd: folder, signal });
      try {
        const probe = await startProbe(mover.uri, signal);
        try {
          return await watched(bench, { mover, writer, probe, options });
        } finally {
          probe.stop();
        }
      } finally {
        await writer.stop();
      }
    },
  };
};

interface Watched {
  readonly mover: Mover;
  readonly writer: ReturnType<typeof startWriter>;
  readonly probe: Awaited<ReturnType<typeof startProbe>>;
  readonly options: LiveOptions;
}

const watched = async (bench: Bench, { mover, writer, probe, options }: Watched): Promise<Values> => {
  const { signal } = bench;
  const { maxPauseMs, sizeBytes, idleSeconds } = options;
  await sleep(WARM_MS, undefined, { signal });
  const beforeMs = Date.now();
  await sleep(bench.sized(3000, 1000), undefined, { signal });
  const calledMs = Date.now();
  const moved = await mover.move({ maxPauseMs }).catch((error: unknown) => {
    signal.throwIfAborted();
    bench.note(`${mover.name}: ${reasonOf(error)}`);
  });
  const endedMs = moved?.endedAtMs ?? Date.now();
  await sleep(AFTER_MS, undefined, { signal });
  const [answered, probed] = [await writer.end(), await probe.end()];
  const before = answered(beforeMs, calledMs);
  const startedMs = moved?.startedAtMs ?? calledMs;
  const during = answered(startedMs, endedMs);
  const longestMs = answered(startedMs, endedMs + AFTER_MS).longestMs;
  const values = {
    moved: moved === undefined ? 0 : 1,
    beforeIops: before.iops,
    duringIops: during.iops,
    keptPercent: (during.iops / before.iops) * 100,
    longestBeforeMs: before.longestMs,
    longestMs,
    probeLongestMs: probed(startedMs, endedMs + AFTER_MS),
  };
  if (moved === undefined) return values;
  const seconds = (moved.endedAtMs - moved.startedAtMs) / 1000;
  return {
    ...values,
    pauseMs: moved.pauseMs,
    // What the pause costs has a budget of its own.
    keptBesidePausePercent: ((during.iops * seconds) / (seconds - moved.pauseMs / 1000) / before.iops) * 100,
    beyondPauseMs: longestMs - moved.pauseMs,
    copiedTimes: moved.bytesCopied / sizeBytes,
    seconds,
    ...(idleSeconds !== undefined && { timesIdle: seconds / idleSeconds }),
    ...(moved.attempts !== undefined && { attempts: moved.attempts }),
    ...(moved.predictedPauseMs !== undefined && { predictedPauseMs: moved.predictedPauseMs }),
  };
};
