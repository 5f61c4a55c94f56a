import type { DiskRow, DiskTable } from "../../catalog/index.ts";
import { CodedError, type JsonObject, type Log } from "../../contract/index.ts";
import type { ImageFile } from "../../images/index.ts";
import type { DiskThreads } from "../threads/disk-threads.ts";
import type { OpenedDisk, PlaneEvent } from "../threads/messages.ts";
import { RemoteDisk } from "./remote-disk.ts";
import { Serial } from "./serial.ts";
import type { Stores } from "./stores.ts";

export interface OpenDisksOptions {
  readonly threads: DiskThreads;
  readonly disks: DiskTable;
  readonly stores: Stores;
  readonly log: Log;
  readonly publish: (event: { type: string; disk: string; data?: JsonObject }) => void;
  readonly report: (failure: { task: string; disks: readonly string[]; error: unknown }) => Promise<string>;
}

/** What is known of a disk that was opened, or that could not be. */
interface Entry {
  readonly thread: number;
  readonly handle?: RemoteDisk;
  opened?: OpenedDisk;
  /** Why it is not open, and the report of that where there is one. */
  readonly failure?: { readonly error: CodedError; readonly report?: string };
}

/** Which disk is open in which thread. One owner of each: opening, reopening, moving and closing go one at a time. */
export class OpenDisks {
  readonly #options: OpenDisksOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #serial = new Serial();

  constructor(options: OpenDisksOptions) {
    this.#options = options;
  }

  serial<T>(disks: readonly string[], work: () => Promise<T>): Promise<T> {
    return this.#serial.run(disks, work);
  }

  /** Opens a disk where its layer is; one that can't be opened stays known as unavailable, with its report. */
  async open(row: DiskRow): Promise<void> {
    let thread = 0;
    try {
      thread = await this.#threadFor(row);
      const link = await this.#options.threads.link(thread);
      const { id: disk, name, sizeBytes, blockSizes, layer, epoch } = row;
      const opened = await link.request("disks.open", { disk, name, sizeBytes, blockSizes, layer, epoch });
      this.#entries.set(row.id, { thread, handle: new RemoteDisk(row.id, link), opened });
    } catch (cause) {
      const reason = "its layer could not be opened";
      const error = new CodedError("disk-unavailable", { disk: row.name, reason }, { cause });
      const report = await this.#options.report({ task: "disks.open", disks: [row.id], error });
      this.#entries.set(row.id, { thread, failure: { error, report } });
      this.#options.publish({ type: "disk.unavailable", disk: row.id, data: { report } });
      throw error;
    }
  }

  /** A disk that is being imported: it reads from its image, and is moved to its layer. Rejects with what is wrong. */
  async openImage(row: DiskRow, image: ImageFile): Promise<void> {
    const thread = await this.#threadFor(row);
    const link = await this.#options.threads.link(thread);
    const { id: disk, name, sizeBytes, blockSizes } = row;
    await link.request("disks.open-image", { disk, name, sizeBytes, blockSizes, image });
    this.#entries.set(row.id, { thread, handle: new RemoteDisk(row.id, link) });
  }

  /**
   * Afterwards the disk is not open; only `disk-in-use` leaves it open. `onlyIdle` refuses while it is used; `flush`
   * makes durable what was written, where that can be done.
   */
  async close(disk: string, how: { readonly onlyIdle: boolean; readonly flush: boolean }): Promise<void> {
    const entry = this.#entries.get(disk);
    try {
      if (entry?.handle !== undefined)
        await (await this.#options.threads.link(entry.thread)).request("disks.close", { disk, ...how });
    } catch (error) {
      if (CodedError.is(error, "disk-in-use")) throw error;
      this.#options.log.warn("a disk was not closed well", { disk, reason: String(error) });
    }
    this.#entries.delete(disk);
  }

  /** `disk-unavailable`, `disk-thread-lost`. */
  handle(disk: string): RemoteDisk {
    const entry = this.#entries.get(disk);
    if (entry?.handle !== undefined) return entry.handle;
    throw entry?.failure?.error ?? new CodedError("disk-unavailable", { disk, reason: "it is not open" });
  }

  threadOf(disk: string): number | undefined {
    return this.#entries.get(disk)?.thread;
  }

  /** How the disk is served, as far as it is. */
  stateOf(disk: string): { readonly opened?: OpenedDisk | undefined; readonly report?: string | undefined } {
    const entry = this.#entries.get(disk);
    return { opened: entry?.handle && entry.opened, report: entry?.failure?.report };
  }

  /** Resolves when nothing is being done to the disk any more and it is open; `disk-unavailable`. */
  async opened(disk: string): Promise<void> {
    await this.#serial.run([disk], async () => undefined);
    this.handle(disk);
  }

  /** The disk's active layer is another one now. */
  async moved(disk: string): Promise<void> {
    const row = await this.#options.disks.get(disk);
    const entry = this.#entries.get(disk);
    if (row === undefined || entry?.opened === undefined) return;
    entry.opened = { ...entry.opened, ...(await this.#options.stores.placeOf(row.layer)) };
  }

  hear(event: PlaneEvent): void {
    if ("disk" in event) this.#entries.get(event.disk)?.handle?.hear(event);
  }

  /** The thread's exit was seen: its disks are reopened as after a crash, as their owner records say. */
  reopenAll(thread: number, reason: string): void {
    for (const [disk, entry] of this.#entries) {
      if (entry.thread !== thread) continue;
      const error = new CodedError("disk-thread-lost", { thread, operation: "serving it", reason });
      this.#entries.set(disk, { thread, failure: { error } });
      void this.#serial.run([disk], () => this.#reopen(disk));
    }
  }

  async #reopen(disk: string): Promise<void> {
    // Whoever was before us in the queue may have opened it.
    if (this.#entries.get(disk)?.handle !== undefined) return;
    try {
      const row = await this.#options.disks.get(disk);
      if (row?.state !== "available") {
        this.#entries.delete(disk);
        return;
      }
      await this.open(row);
      this.#options.publish({ type: "disk.reopened", disk });
    } catch (error) {
      this.#options.log.error("a disk could not be reopened", { disk, reason: String(error) });
    }
  }

  /** What lives in the process lives in thread 0; other disks go where the fewest are. */
  async #threadFor({ layer }: DiskRow): Promise<number> {
    if (await this.#options.stores.isProcessLocal(layer.datastore)) return 0;
    const disks = new Array<number>(this.#options.threads.count).fill(0);
    for (const { thread } of this.#entries.values()) disks[thread] = (disks[thread] ?? 0) + 1;
    return disks.indexOf(Math.min(...disks));
  }
}
