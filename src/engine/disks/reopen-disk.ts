import { type DiskRow, demandFree } from "../../catalog/index.ts";
import type { OpenDisks } from "./open-disks.ts";

/**
 * Opens a disk as its owner record says, in the disk's own queue: one that could not be opened, and one that is open
 * and must be opened anew, as after a flush that failed. `force` cuts off its clients, who may connect again.
 * Rejects with `migration-running` and `disk-in-use`, which leave it as it is, and with `disk-unavailable`.
 */
export async function reopenDisk(
  open: OpenDisks,
  row: DiskRow,
  { force }: { readonly force: boolean },
): Promise<void> {
  demandFree(row);
  await open.close(row.id, { onlyIdle: !force, flush: true });
  await open.open(row);
}
