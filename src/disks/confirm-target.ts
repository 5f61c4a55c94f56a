import { type Clock, CodedError } from "../contract/index.ts";
import { isZero } from "./copy-buffers.ts";
import type { Disk } from "./disk.ts";

/** How long the guest has to make a write and a flush of its own. */
const GUEST_FIRST_MS = 100;

/**
 * Resolves when the active layer has answered a write and a flush since it became active. Where the guest makes
 * none, the disk's first bytes are written again as they are, with the guest held for that moment; answers how long
 * that was, in milliseconds.
 */
export async function confirmTarget(disk: Disk, clock: Clock, maxPauseMs: number): Promise<number> {
  await clock.sleep(GUEST_FIRST_MS);
  let pauseMs = 0;
  if (disk.answered.writes === 0) pauseMs = await rewrite(disk, clock, maxPauseMs);
  if (disk.answered.flushes === 0) await disk.active.flush();
  return pauseMs;
}

async function rewrite(disk: Disk, clock: Clock, maxPauseMs: number): Promise<number> {
  const bytes = new Uint8Array(disk.blockSizes.minimum);
  let late = false;
  let pauseMs = 0;
  const drained = disk.gate.stun();
  const disarm = clock.after(maxPauseMs, () => {
    late = true;
    pauseMs = disk.gate.resume();
  });
  try {
    await drained;
    if (late) throw new CodedError("pause-budget-exceeded", { disk: disk.name, maxPauseMs });
    await disk.active.read(0, bytes);
    if (late) throw new CodedError("pause-budget-exceeded", { disk: disk.name, maxPauseMs });
    // From here on the guest waits as long as it takes: what is written back must never land on a newer write.
    disarm();
    await disk.active.write(0, bytes);
    // What was a hole is one again.
    if (isZero(bytes)) await disk.active.zero(0, bytes.length);
  } finally {
    disarm();
    if (!late) pauseMs = disk.gate.resume();
  }
  return pauseMs;
}
