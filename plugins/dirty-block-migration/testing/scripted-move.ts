import { CodedError, type DiskMove, type RoundStats } from "pagurus";
import { DirtyBlockMigration } from "../dirty-block-migration.ts";

export interface Script {
  /** How many blocks the guest makes dirty in each round but the last, and in each wait. */
  readonly written: readonly number[];
  /** How often the strategy waits before the engine asks. */
  readonly askedAfter?: number;
  /** Whether each switch-over fits its budget; they do unless it says otherwise. */
  readonly fits?: readonly boolean[];
  /** Blocks that fit a part of the pause; all of it fits 10. */
  readonly comfortable?: number;
  /** Blocks that the guest writes all the time. */
  readonly hot?: number;
  /** Where given a flush of what was copied takes its time, and little fits before it. */
  readonly writtenInFlush?: number;
}

/** A move of 1000 blocks that follows a script, and what its strategy did with it. */
export const scripted = (script: Script) => {
  const seen: string[] = [];
  const written = [...script.written];
  const fits = [...(script.fits ?? [])];
  const state = { dirty: 0, settled: 0, durable: true };
  const signal = AbortSignal.timeout(5000);
  const move = {
    disk: "web",
    sizeBytes: 4096 * 1000,
    blockBytes: 4096,
    budgets: { maxPauseMs: 50, maxAttempts: 5, guestImpact: 30 },
    clock: {
      now: () => 0,
      monotonicMs: () => 0,
      sleep: () => Promise.resolve(),
      after: () => () => undefined,
    },
    signal,
    fittingBlocks(pauseMs: number, { flushed = false } = {}) {
      if (!flushed && !state.durable) return 0;
      return pauseMs < 50 ? (script.comfortable ?? 10) : 10;
    },
    notConverging: () => new CodedError("not-converging", { disk: "web", detail: "" }),
    get dirtyBlocks() {
      return state.dirty;
    },
    get switchRequested() {
      return state.settled >= (script.askedAfter ?? 0);
    },
    all: () => ({ count: 1000 }),
    harvest: () => {
      const count = state.dirty;
      state.dirty = 0;
      return { count };
    },
    async copy(
      { count }: { count: number },
      kind: RoundStats["kind"],
      { leaveHot = 0 } = {},
    ): Promise<RoundStats> {
      signal.throwIfAborted();
      // Of a small round no flush is to be feared.
      state.durable = script.writtenInFlush === undefined || count < 100;
      const hotBlocks = Math.min(leaveHot, script.hot ?? 0);
      state.dirty += hotBlocks;
      seen.push(`${kind} ${count - hotBlocks}`);
      if (kind !== "final") state.dirty += written.shift() ?? 0;
      return {
        round: 0,
        kind,
        blocks: count - hotBlocks,
        hotBlocks,
        bytesCopied: 0,
        bytesZero: 0,
        durationMs: 1,
        newDirtyBlocks: 0,
      };
    },
    async flush() {
      if (script.writtenInFlush !== undefined) seen.push("flush");
      state.durable = true;
      state.dirty += script.writtenInFlush ?? 0;
    },
    announce: (ready: boolean) => void seen.push(ready ? "ready" : "not ready"),
    async settle() {
      signal.throwIfAborted();
      state.settled++;
      state.dirty += written.shift() ?? 0;
    },
    async switchOver(finish: () => Promise<void>) {
      seen.push("held");
      await finish();
      return fits.shift() === false ? ("released" as const) : ("switched" as const);
    },
  } satisfies DiskMove;
  return { move, seen };
};

/** The move with some of it otherwise; what is asked for anew at each look stays so. */
export const otherwise = (move: DiskMove, changes: Partial<DiskMove>): DiskMove =>
  Object.defineProperties(Object.create(move), Object.getOwnPropertyDescriptors(changes));

/** What the strategy did. */
export const run = async (
  script: Script,
  config: { thresholdBlocks?: number; stagnantRounds: number } = { stagnantRounds: 5 },
) => {
  const { move, seen } = scripted(script);
  await new DirtyBlockMigration(config).run(move);
  return seen;
};
