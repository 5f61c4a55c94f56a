import type { DiskRow, Store } from "../catalog/index.ts";
import {
  DiskExport,
  type ExportAddress,
  type ExportDirectory,
  type ExportEntry,
  type JsonObject,
  type Log,
  type SharedListener,
} from "../contract/index.ts";
import type { Kernel } from "../kernel/index.ts";
import type { OpenDisks } from "./disks/open-disks.ts";
import type { DiskThreads } from "./threads/disk-threads.ts";

/** What all disks share of their exports, such as a TCP port: listened on here, served in the disk's thread. */
export class SharedExports {
  readonly #kernel: Kernel;
  readonly #store: Store;
  readonly #open: OpenDisks;
  readonly #threads: DiskThreads;
  readonly #log: Log;
  #listeners: readonly SharedListener[] = [];
  #entries: readonly ExportEntry[] = [];
  #refreshing: Promise<void> = Promise.resolve();

  constructor(options: { kernel: Kernel; store: Store; open: OpenDisks; threads: DiskThreads; log: Log }) {
    this.#kernel = options.kernel;
    this.#store = options.store;
    this.#open = options.open;
    this.#threads = options.threads;
    this.#log = options.log;
  }

  /** `export-listen-failed`. */
  async start(): Promise<void> {
    await this.#refresh();
    const listeners: SharedListener[] = [];
    this.#listeners = listeners;
    for (const diskExport of this.#kernel.all(DiskExport))
      if (diskExport.listen !== undefined)
        listeners.push(await diskExport.listen(this.#directory(diskExport.id)));
  }

  /** A disk came or went, or is reached otherwise. Resolves when new clients are told. */
  changed(): Promise<void> {
    this.#refreshing = this.#refreshing
      .then(() => this.#refresh())
      .catch((error: unknown) =>
        this.#log.warn("the list of exported disks is not the newest", { reason: String(error) }),
      );
    return this.#refreshing;
  }

  async #refresh(): Promise<void> {
    const { items } = await this.#store.disks.list();
    this.#entries = items.filter(({ state }) => state === "available").map(entryOf);
  }

  addressesOf(row: DiskRow): readonly ExportAddress[] {
    return this.#listeners.flatMap((listener) => listener.addressesOf(entryOf(row)));
  }

  async stop(): Promise<void> {
    await Promise.allSettled(this.#listeners.map((listener) => listener.close()));
  }

  #directory(id: string): ExportDirectory {
    return {
      list: () => this.#entries.filter(({ disk }) => this.#open.stateOf(disk).opened !== undefined),
      handOver: async (disk: string, fd: number, negotiated: JsonObject) => {
        const thread = this.#open.threadOf(disk);
        await (await this.#threads.link(thread)).request("disks.adopt", { disk, export: id, fd, negotiated });
      },
    };
  }
}

const entryOf = ({ id, name, sizeBytes, blockSizes }: DiskRow): ExportEntry => ({
  disk: id,
  name,
  sizeBytes,
  blockSizes,
});
