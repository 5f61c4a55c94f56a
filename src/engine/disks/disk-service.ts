import { type DiskRow, newId, type Page, type PageOptions, type Store } from "../../catalog/index.ts";
import {
  type CallContext,
  CodedError,
  type Disk,
  type Disks,
  type ExportAddress,
  type JsonObject,
  type LayerRef,
} from "../../contract/index.ts";
import type { OpenDisks } from "./open-disks.ts";
import type { Stores } from "./stores.ts";

/** What any disk takes, fixed when it is created: what a guest has negotiated never changes, wherever the disk moves. */
const BLOCK_SIZES = { minimum: 512, preferred: 4096, maximum: 32 * 1024 * 1024 };

export interface DiskServiceOptions {
  readonly store: Store;
  readonly open: OpenDisks;
  readonly stores: Stores;
  /** How the disk is reached through what all disks share. */
  readonly shared: (row: DiskRow) => readonly ExportAddress[];
  readonly publish: (event: { type: string; disk: string; data?: JsonObject }) => void;
}

/** The disks of this engine: made, shown, removed, and made whole after a crash. */
export class DiskService implements Disks {
  readonly #options: DiskServiceOptions;

  constructor(options: DiskServiceOptions) {
    this.#options = options;
  }

  async list(options: PageOptions = {}): Promise<readonly Disk[]> {
    return (await this.page(options)).items;
  }

  async page(options: PageOptions): Promise<Page<Disk>> {
    const { items, ...rest } = await this.#options.store.disks.list(options);
    return { items: items.map((row) => this.#view(row)), ...rest };
  }

  /** `disk-not-found`. */
  async get(nameOrId: string): Promise<Disk> {
    return this.#view(await this.#row(nameOrId));
  }

  /**
   * Ordering: the disk and its layer are in the catalog before the layer is made; the disk is `available` only when
   * it is open and served. A crash before that leaves a disk in `creating`, which the next start removes.
   */
  async create(
    input: { name: string; sizeBytes: number; datastore?: string },
    context: CallContext,
  ): Promise<Disk> {
    const { store, stores, open, publish } = this.#options;
    const { name, sizeBytes } = input;
    const datastore = input.datastore ?? stores.usual;
    stores.demand(datastore);
    const layer: LayerRef = { datastore, layer: newId("lay") };
    const row = await store.disks.insert({
      id: newId("dsk"),
      name,
      sizeBytes,
      blockSizes: BLOCK_SIZES,
      layer,
    });
    try {
      await store.resources.record({ kind: "layer", ref: { ...layer }, disk: row.id });
      context.signal.throwIfAborted();
      const stamp = { disk: row.id, epoch: row.epoch, state: "owner" } as const;
      await stores.create(datastore, { layer: layer.layer, sizeBytes, stamp });
      await open.serial([row.id], () => open.open(row));
      await store.disks.setState(row.id, "available");
    } catch (error) {
      await this.#undo(row);
      throw error;
    }
    publish({ type: "disk.created", disk: row.id, data: { name } });
    return this.get(row.id);
  }

  /** For good. `disk-in-use` while clients are attached, `migration-running` while it is moved. */
  async remove(nameOrId: string): Promise<Disk> {
    const { store, open, publish } = this.#options;
    const row = await this.#row(nameOrId);
    const view = this.#view(row);
    await open.serial([row.id], async () => {
      if (row.job !== null) throw new CodedError("migration-running", { disk: row.name, job: row.job });
      await open.close(row.id, true);
      await store.disks.setState(row.id, "removing").catch(async (error: unknown) => {
        await open.open(row);
        throw error;
      });
      await this.#forget(row);
    });
    publish({ type: "disk.removed", disk: row.id, data: { name: row.name } });
    return view;
  }

  /** At the start: finishes what a crash has left half made or half removed, and opens all others. */
  async recover(): Promise<void> {
    const { store, open } = this.#options;
    for (let page = await store.disks.list(); ; page = await store.disks.list({ after: page.next })) {
      for (const row of page.items) {
        if (row.state === "available")
          await open.serial([row.id], () => open.open(row)).catch(() => undefined);
        else await this.#undo(row);
      }
      if (page.next === undefined) return;
    }
  }

  /** A half-made disk that can't be removed now is removed at the next start. */
  async #undo(row: DiskRow): Promise<void> {
    await this.#options.open.close(row.id, false).catch(() => undefined);
    await this.#forget(row).catch(() => undefined);
  }

  /** Its layers first, then their record, then its name. */
  async #forget(row: DiskRow): Promise<void> {
    const { store, stores } = this.#options;
    for (const { id, ref } of await store.resources.list({ disk: row.id, kind: "layer" })) {
      await stores.remove(ref as unknown as LayerRef);
      await store.resources.forget(id);
    }
    await store.disks.forget(row.id);
  }

  async #row(nameOrId: string): Promise<DiskRow> {
    const row = await this.#options.store.disks.find(nameOrId);
    if (row === undefined) throw new CodedError("disk-not-found", { disk: nameOrId });
    return row;
  }

  #view(row: DiskRow): Disk {
    const { opened, report } = this.#options.open.stateOf(row.id);
    return {
      id: row.id,
      name: row.name,
      sizeBytes: row.sizeBytes,
      datastore: row.layer.datastore,
      epoch: row.epoch,
      state: row.state === "available" && opened === undefined ? "unavailable" : row.state,
      layers: [{ ...row.layer, ...(opened && { location: opened.location }) }],
      exports:
        opened === undefined
          ? []
          : [...opened.addresses, ...this.#options.shared(row)].map(({ uri }) => ({ uri })),
      ...(opened && { durability: opened.durability }),
      createdAt: new Date(row.createdAt).toISOString(),
      ...(row.job !== null && { migration: row.job }),
      ...(report && { report }),
    };
  }
}
