import { CodedError, type JobContext } from "../../contract/index.ts";
import { deferred } from "../../disks/deferred.ts";
import type { DiskHandle, MoveResult, MoveStart, Verdict } from "../../disks/index.ts";

/** One disk's copy, and what becomes of the guest in the moment in which both sides are equal. */
export interface WholeCopy {
  readonly handle: DiskHandle;
  readonly start: MoveStart;
  readonly verdict: Exclude<Verdict, "release">;
  readonly job: JobContext;
}

/**
 * Copies a disk to the moment in which its target is equal and durable, and ends there. Moments that don't fit the
 * pause are tried again, as the budgets say. Rejects as the move does.
 */
export async function copyWhole({ handle, start, verdict, job }: WholeCopy): Promise<MoveResult> {
  let ready = false;
  let changed = deferred<void>();
  const run = handle.runMove(
    start,
    {
      onReady(now) {
        ready = now;
        const { resolve } = changed;
        changed = deferred();
        resolve();
      },
      onStunned: () => undefined,
      onProgress: (progress) => job.progress(progress),
    },
    job.signal,
  );
  run.catch(() => undefined);
  for (;;) {
    while (!ready) await Promise.race([changed.promise, run]);
    ready = false;
    try {
      await handle.requestSwitch();
    } catch (error) {
      // Whatever else ended it ends the move too.
      if (CodedError.is(error, "pause-budget-exceeded")) continue;
      return await run;
    }
    await handle.decide(verdict);
    return await run;
  }
}
