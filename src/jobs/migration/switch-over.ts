import type { OwnerRecord } from "../../catalog/index.ts";
import {
  type Clock,
  CodedError,
  type JsonObject,
  type LayerRef,
  type Log,
  reasonOf,
} from "../../contract/index.ts";
import type { Probe } from "../probe.ts";
import type { CommitTime } from "./commit-time.ts";

/** How long the catalog is left alone between two tries to learn what became of a commit. */
const SETTLE_AGAIN_MS = 200;

export interface SwitchOver {
  readonly job: string;
  readonly moves: readonly {
    readonly disk: string;
    readonly expectedEpoch: number;
    readonly layer: LayerRef;
  }[];
  readonly record: JsonObject;
}

/** After these nothing was written, and nothing of it will be. */
const REFUSED = ["commit-refused", "job-ended", "job-not-found"];
const refused = (error: unknown): boolean => CodedError.is(error) && REFUSED.includes(error.code);

/**
 * Writes the owner records of all disks of a job in one transaction, with the guests held. `true`: they are at the
 * target. `false`: they are at the source, and the commit can't happen any more.
 *
 * An answer that never came proves nothing, and neither would a read: so a *write* settles it. Either abandoning
 * commits (same owner, next epoch), then the first transaction can't; or it finds that the epochs were moved by this
 * job. Meanwhile the guests wait: they may wait, they may never run on two histories. `commit-unknown` when the
 * server stops before it is settled: then they may not go on at all.
 */
export async function commitSwitchOver(
  switchOver: SwitchOver,
  host: {
    readonly ownerRecord: OwnerRecord;
    readonly clock: Clock;
    readonly probe: Probe;
    readonly times: CommitTime;
    readonly log: Log;
    /** The job's. */
    readonly signal: AbortSignal;
  },
): Promise<boolean> {
  const { ownerRecord, clock, probe, times, log, signal } = host;
  await probe("switched/before");
  const startedMs = clock.monotonicMs();
  try {
    await ownerRecord.commitSwitchOver(switchOver);
    times.record(clock.monotonicMs() - startedMs);
    await probe("switched/recorded");
    return true;
  } catch (error) {
    if (refused(error)) throw error;
    log.warn("the outcome of a switch-over is not known; the guests wait until the catalog answers", {
      job: switchOver.job,
      reason: reasonOf(error),
    });
  }
  for (;;) {
    await probe("switched/unknown");
    try {
      return (await ownerRecord.abandonSwitchOver(switchOver)) === "switched";
    } catch (error) {
      if (refused(error)) throw error;
      if (CodedError.is(signal.reason, "server-stopping"))
        throw new CodedError("commit-unknown", { job: switchOver.job, reason: reasonOf(error) });
      await clock.sleep(SETTLE_AGAIN_MS);
    }
  }
}
