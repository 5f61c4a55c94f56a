import type { DiskRow, Store } from "../../catalog/index.ts";
import { CodedError, type Log } from "../../contract/index.ts";
import type { OpenDisks } from "./open-disks.ts";
import type { Stores } from "./stores.ts";

export interface ResizeParts {
  readonly store: Store;
  readonly open: OpenDisks;
  readonly stores: Stores;
  readonly log: Log;
}

export interface NewSize {
  readonly sizeBytes: number;
  /** Whether what lies beyond may be lost. */
  readonly shrink: boolean;
}

/**
 * Makes a disk longer or shorter, in the disk's own queue and with no job holding it. A layer may be longer than its
 * disk and never shorter, so the layer grows before the catalog knows and is cut after it knows. Rejects with
 * `disk-shrink-refused`, `disk-in-use`, `disk-unavailable`, `migration-running`: the disk has its old size then.
 */
export async function resizeDisk(parts: ResizeParts, row: DiskRow, size: NewSize): Promise<void> {
  if (size.sizeBytes > row.sizeBytes) return grow(parts, row, size.sizeBytes);
  if (!size.shrink)
    throw new CodedError("disk-shrink-refused", {
      disk: row.name,
      sizeBytes: row.sizeBytes,
      wantedBytes: size.sizeBytes,
    });
  return shrink(parts, row, size.sizeBytes);
}

/**
 * Ordering: the layer, durably; the catalog; then new clients. No client may be told a size that a crash takes back,
 * and what a crash leaves beyond the size in the catalog reads as zeroes: nobody could write there.
 */
async function grow({ store, open }: ResizeParts, { id }: DiskRow, sizeBytes: number): Promise<void> {
  const disk = open.handle(id);
  await disk.lengthen(sizeBytes);
  await store.disks.resize(id, sizeBytes);
  await disk.announceSize(sizeBytes);
}

/**
 * With the disk closed, so that nobody can attach meanwhile. Ordering: the end of the layer reads as zeroes, durably;
 * the catalog; then the layer is cut. A crash before the catalog leaves a disk of the old size whose end is lost, as
 * was asked for; one after it leaves a layer that is longer and has nothing in its end that growing could bring back.
 */
async function shrink(parts: ResizeParts, row: DiskRow, toBytes: number): Promise<void> {
  const { store, open, stores, log } = parts;
  const { id, layer: ref, sizeBytes } = row;
  await open.close(id, { onlyIdle: true, flush: true });
  try {
    await stores.clearEnd({ ref, sizeBytes }, toBytes);
    // Not refused for a job that has claimed the disk meanwhile: its end is gone.
    await store.disks.resize(id, toBytes, { begun: true });
    await stores
      .resize({ ref, sizeBytes }, toBytes)
      .catch((error: unknown) =>
        log.warn("a disk is shorter now, and its layer is not", { disk: row.name, reason: String(error) }),
      );
  } catch (error) {
    await reopen(parts, row).catch(() => undefined);
    throw error;
  }
  await reopen(parts, row);
}

/** As the catalog says now: a change whose answer was lost may have been made. */
async function reopen({ store, open }: ResizeParts, row: DiskRow): Promise<void> {
  await open.open((await store.disks.get(row.id)) ?? row);
}
