import type { OwnerRecord } from "../../catalog/index.ts";
import { type Clock, CodedError, type JsonObject, type LayerRef, reasonOf } from "../../contract/index.ts";
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

/**
 * Writes the owner records of all disks of a job in one transaction, with the guests held. `true`: they are at the
 * target. `false`: they are at the source, and the commit can't happen any more.
 *
 * An answer that never came proves nothing, and neither would a read: so a *write* settles it. Either abandoning
 * commits (same owner, next epoch), then the first transaction can't; or it finds that the epochs were moved by this
 * job. Meanwhile the guests wait: they may wait, they may never run on two histories.
 */
export async function commitSwitchOver(
  switchOver: SwitchOver,
  host: {
    readonly ownerRecord: OwnerRecord;
    readonly clock: Clock;
    readonly probe: Probe;
    readonly times: CommitTime;
  },
  onUnknown: (reason: string) => void,
): Promise<boolean> {
  const { ownerRecord, clock, probe, times } = host;
  await probe("switched/before");
  const startedMs = clock.monotonicMs();
  try {
    await ownerRecord.commitSwitchOver(switchOver);
    times.record(clock.monotonicMs() - startedMs);
    await probe("switched/recorded");
    return true;
  } catch (error) {
    if (CodedError.is(error, "commit-refused")) throw error;
    onUnknown(reasonOf(error));
  }
  for (;;) {
    try {
      return (await ownerRecord.abandonSwitchOver(switchOver)) === "switched";
    } catch (error) {
      if (CodedError.is(error, "commit-refused")) throw error;
      onUnknown(reasonOf(error));
      await clock.sleep(SETTLE_AGAIN_MS);
    }
  }
}
