import type { DiskRow, Store } from "../../catalog/index.ts";
import { CodedError, type Log } from "../../contract/index.ts";
import type { Probe } from "../../jobs/index.ts";
import type { OpenDisks } from "./open-disks.ts";
import type { Stores } from "./stores.ts";

export interface ResizeParts {
  readonly store: Store;
  readonly open: OpenDisks;
  readonly stores: Stores;
  /** Resolves when what all disks share shows them as they are in the catalog now. */
  readonly shown: () => Promise<void>;
  readonly log: Log;
  readonly probe: Probe;
}

export interface NewSize {
  readonly sizeBytes: number;
  /** Whether what lies beyond may be lost. */
  readonly shrink: boolean;
}

/**
 * Makes an open disk longer or shorter, in the disk's own queue and with no job holding it. A layer may be longer than
 * its disk and never shorter, so the layer grows before the catalog knows and is cut after it knows. Rejects with
 * `disk-shrink-refused`, `disk-in-use`, `disk-unavailable`, `migration-running`: the disk has its old size then, but
 * for one that became shorter and could not be opened again (`disk-unavailable`).
 */
export async function resizeDisk(parts: ResizeParts, row: DiskRow, size: NewSize): Promise<void> {
  if (size.sizeBytes > row.sizeBytes) await grow(parts, row, size.sizeBytes);
  else if (size.shrink) await shrink(parts, row, size.sizeBytes);
  else
    throw new CodedError("disk-shrink-refused", {
      disk: row.name,
      sizeBytes: row.sizeBytes,
      wantedBytes: size.sizeBytes,
    });
  await parts.probe("resized/done");
}

/**
 * Ordering: the layer, durably; the catalog; then new clients. No client may be told a size that a crash takes back,
 * and what a crash leaves beyond the size in the catalog reads as zeroes: nobody could write there.
 */
async function grow(parts: ResizeParts, row: DiskRow, sizeBytes: number): Promise<void> {
  const { store, open, probe } = parts;
  const disk = open.handle(row.id);
  await probe("lengthened/before");
  await disk.lengthen(sizeBytes);
  await probe("resized/before");
  await store.disks.resize(row.id, sizeBytes).catch(async (error: unknown) => {
    // A change whose answer was lost may have been made.
    const now = await store.disks.get(row.id).catch(() => undefined);
    if (now?.sizeBytes === sizeBytes) await announce(parts, now);
    throw error;
  });
  await probe("resized/recorded");
  await announce(parts, { ...row, sizeBytes });
}

/** Never the verdict: a thread that is lost meanwhile has its disks opened again as the catalog says. */
async function announce({ open, shown, log }: ResizeParts, { id, name, sizeBytes }: DiskRow): Promise<void> {
  try {
    await open.handle(id).announceSize(sizeBytes);
    await shown();
  } catch (error) {
    log.warn("a disk is longer now, and clients are told when it is opened again", {
      disk: name,
      reason: String(error),
    });
  }
}

/**
 * With the disk closed, so that nobody can attach meanwhile. Ordering: the end of the layer reads as zeroes, durably;
 * the catalog; then the layer is cut. A crash before the catalog leaves a disk of the old size whose end is lost, as
 * was asked for; one after it leaves a layer that is longer and has nothing in its end that growing could bring back.
 */
async function shrink(parts: ResizeParts, row: DiskRow, toBytes: number): Promise<void> {
  const { store, open, stores, log, probe } = parts;
  const { id, layer: ref, sizeBytes } = row;
  // The layer of a disk that can't be opened may be newer than the catalog, or another's: nothing of it is touched.
  open.handle(id);
  await open.close(id, { onlyIdle: true, flush: true });
  try {
    await probe("cleared/before");
    await stores.clearEnd({ ref, sizeBytes }, toBytes);
    await probe("resized/before");
    // Not refused for a job that has claimed the disk meanwhile: its end is gone.
    await store.disks.resize(id, toBytes, { begun: true });
    await probe("resized/recorded");
    await stores
      .resize({ ref, sizeBytes }, toBytes)
      .catch((error: unknown) =>
        log.warn("a disk is shorter now, and its layer is not", { disk: row.name, reason: String(error) }),
      );
    await probe("cut/done");
  } catch (error) {
    await reopen(parts, row).catch(() => undefined);
    throw error;
  }
  await reopen(parts, row);
}

/** As the catalog says now, also where all disks are shown: a change whose answer was lost may have been made. */
async function reopen({ store, open, shown }: ResizeParts, row: DiskRow): Promise<void> {
  const now = (await store.disks.get(row.id)) ?? row;
  await shown();
  await open.open(now);
}
