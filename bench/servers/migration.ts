import { setTimeout as sleep } from "node:timers/promises";
import { CodedError, type JsonObject, z } from "../../src/contract/index.ts";
import type { Pagurus } from "./pagurus.ts";

const Round = z.object({ kind: z.string(), durationMs: z.number() });
const Output = z.object({
  bytesCopied: z.number(),
  pauseMs: z.number(),
  attempts: z.number(),
  predictedPauseMs: z.number(),
  moves: z.array(z.object({ rounds: z.array(Round) })).min(1),
});
const Job = z.looseObject({
  id: z.string(),
  state: z.string(),
  outcome: z.object({ code: z.string() }).nullable(),
});
type Job = z.infer<typeof Job>;
const AtItsEnd = z
  .object({ pauseMs: z.number(), moves: z.array(z.object({ rounds: z.array(Round) })) })
  .catch({ pauseMs: 0, moves: [] });
const Progress = z.looseObject({ phase: z.string(), percent: z.number() });
const isUnderWay = ({ state }: Job): boolean => ["queued", "running"].includes(state);

/** A job of ours as it went. */
export interface Moved {
  /** Both on this machine's clock. */
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly bytesCopied: number;
  readonly pauseMs: number;
  readonly attempts: number;
  /** The bulk copy with its read-back, without any flush. */
  readonly bulkMs: number;
  /** From the end of the bulk copy until the rest fitted the pause: flushes, and rounds where the disk is written. */
  readonly settleMs: number;
  /** As it was predicted when the disk had become ready. */
  readonly predictedPauseMs: number;
}

/** Where a job is looked at again without any event: one may have been lost. */
const LOOK_MS = 1000;
const CANCEL_LOOK_MS = 20;
/** An event's id that no server gives: asked for what came after it, it answers at once. So one is sure to be subscribed. */
const NEVER_GIVEN = "none";

export interface MoveRequest {
  readonly disk: string;
  readonly to: string;
  readonly signal: AbortSignal;
  /** More of `migrations.start`'s input. */
  readonly input?: JsonObject;
}

/** Moves a disk and waits for the end; rejects with the job's outcome where it isn't moved then. */
export const moveDisk = async (
  { engine }: Pagurus,
  { disk, to, signal, input = {} }: MoveRequest,
): Promise<Moved> => {
  const ended = new AbortController();
  const types = ["job.phase-changed", "job.ended"];
  const subscription = { after: NEVER_GIVEN, signal: AbortSignal.any([signal, ended.signal]) };
  const events = engine.events({ types }, subscription)[Symbol.asyncIterator]();
  await events.next();
  const seen = { copyingMs: 0, nearMs: 0 };
  const watching = (async () => {
    for await (const { type, at, data } of { [Symbol.asyncIterator]: () => events }) {
      const phase = data["phase"];
      if (type === "job.phase-changed" && phase === "copying") seen.copyingMs = at;
      if (type === "job.phase-changed" && phase === "converging" && seen.nearMs === 0) seen.nearMs = at;
      if (type === "job.ended") return;
    }
  })().catch(() => undefined);
  try {
    const startedAtMs = Date.now();
    const started = Job.parse(
      (await engine.invoke("migrations.start", { disks: [disk], to, ...input }, { signal })).output,
    );
    let job: Job = started;
    while (isUnderWay(job)) {
      await Promise.race([watching, sleep(LOOK_MS, undefined, { signal })]);
      job = Job.parse((await engine.invoke("jobs.show", { id: started.id }, { signal })).output);
    }
    if (job.state !== "succeeded") throw notMoved(disk, job);
    const { moves, bytesCopied, pauseMs, attempts, predictedPauseMs } = Output.parse(job);
    const bulkMs = moves[0]?.rounds.find(({ kind }) => kind === "bulk")?.durationMs ?? 0;
    return {
      startedAtMs,
      endedAtMs: Date.parse(String(job["endedAt"])),
      bytesCopied,
      pauseMs,
      attempts,
      predictedPauseMs,
      bulkMs,
      settleMs: Math.max(0, seen.nearMs - seen.copyingMs - bulkMs),
    };
  } finally {
    ended.abort();
    await watching;
  }
};

const notMoved = (disk: string, job: Job): CodedError => {
  const { sentence } = z.looseObject({ sentence: z.string() }).catch({ sentence: "" }).parse(job["report"]);
  return new CodedError("internal", {
    reason: `the disk ${disk} was not moved: ${job.outcome?.code ?? job.state}; ${sentence}`,
  });
};

export interface StandingMove {
  readonly ended: boolean;
  readonly phase: string;
  readonly percent: number;
  /** 0 before its end. */
  readonly pauseMs: number;
  /** How long each round after the bulk copy took; none before its end. */
  readonly roundsMs: readonly number[];
}

export interface StartedMove {
  readonly id: string;
  /** How far it is; rejects where it has ended badly. */
  look(): Promise<StandingMove>;
}

/** Starts a move and waits for nothing. */
export const startMove = async (
  { engine }: Pagurus,
  { disk, to, signal, input = {} }: MoveRequest,
): Promise<StartedMove> => {
  const request = { disks: [disk], to, ...input };
  const { id } = Job.parse((await engine.invoke("migrations.start", request, { signal })).output);
  return {
    id,
    async look() {
      const job = Job.parse((await engine.invoke("jobs.show", { id }, { signal })).output);
      const ended = !isUnderWay(job);
      if (ended && job.state !== "succeeded") throw notMoved(disk, job);
      const { phase, percent } = Progress.catch({ phase: "", percent: 0 }).parse(job["progress"]);
      const { pauseMs, moves } = AtItsEnd.parse(job);
      const rounds = moves.flatMap((move) => move.rounds.filter(({ kind }) => kind !== "bulk"));
      return { ended, phase, percent, pauseMs, roundsMs: rounds.map(({ durationMs }) => durationMs) };
    },
  };
};

/** Cancels a job and waits for its end. */
export const cancelMove = async ({ engine }: Pagurus, id: string): Promise<void> => {
  await engine.invoke("migrations.cancel", { id });
  for (;;) {
    const job = Job.parse((await engine.invoke("jobs.show", { id })).output);
    if (!isUnderWay(job)) return;
    await sleep(CANCEL_LOOK_MS);
  }
};
