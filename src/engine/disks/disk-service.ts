import {
  type DiskRow,
  demandFree,
  newId,
  type Page,
  type PageOptions,
  type Store,
} from "../../catalog/index.ts";
import {
  type CallContext,
  CodedError,
  type Disk,
  type Disks,
  demand,
  type ExportAddress,
  type JsonObject,
  type LayerRef,
  type LayerUsage,
  type Log,
} from "../../contract/index.ts";
import { mayBeResumed, type Probe, settleImage } from "../../jobs/index.ts";
import { layerOf } from "./layer-of.ts";
import type { OpenDisks } from "./open-disks.ts";
import { reopenDisk } from "./reopen-disk.ts";
import { type NewSize, resizeDisk } from "./resize-disk.ts";
import type { Stores } from "./stores.ts";

/** What any disk takes, fixed when it is created: what a guest has negotiated never changes, wherever the disk moves. */
export const BLOCK_SIZES = { minimum: 512, preferred: 4096, maximum: 32 * 1024 * 1024 };

export interface DiskServiceOptions {
  readonly store: Store;
  readonly open: OpenDisks;
  readonly stores: Stores;
  /** How the disk is reached through what all disks share. */
  readonly shared: (row: DiskRow) => readonly ExportAddress[];
  readonly publish: (event: { type: string; disk: string; data?: JsonObject }) => void;
  /** Resolves when what all disks share shows them as they are in the catalog now. */
  readonly shown: () => Promise<void>;
  /** Has a layer removed, once that can be done, that could not be. */
  readonly removeLater: (layer: LayerRef) => void;
  readonly log: Log;
  readonly probe: Probe;
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

  /** With what it costs and holds now, where its datastore tells; `disk-not-found`. */
  async show(nameOrId: string): Promise<Disk & { readonly usage?: LayerUsage }> {
    const disk = await this.get(nameOrId);
    if (disk.state !== "available") return disk;
    const usage = await this.#usageOf(disk.id).catch(unlessAway);
    return { ...disk, ...(usage && { usage }) };
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
      const { replay } = context;
      const answer = replay?.answerFor(this.#view({ ...row, state: "available" }));
      const made = () =>
        store.disks.setState(row.id, "available", {
          ...(replay &&
            answer !== undefined && { idempotency: { key: replay.key, token: replay.token, answer } }),
        });
      // Where only the answer was lost its key is answered with this disk: it must not be undone.
      await made().catch((error: unknown) => {
        if (!CodedError.is(error, "catalog-unavailable")) throw error;
        return made();
      });
    } catch (error) {
      await this.undo(row);
      throw error;
    }
    publish({ type: "disk.created", disk: row.id, data: { name } });
    return this.get(row.id);
  }

  /**
   * Growing is told to clients that attach from now on. Shrinking needs `shrink` and nobody attached:
   * `disk-shrink-refused`, `disk-in-use`. `migration-running` while it is moved.
   */
  async resize(nameOrId: string, size: NewSize): Promise<Disk> {
    const { open, stores, publish } = this.#options;
    const { id } = await this.#row(nameOrId);
    const former = await open.serial([id], async () => {
      const row = await this.#row(id);
      if (row.sizeBytes === size.sizeBytes) return undefined;
      demandFree(row);
      // Of a disk that is away it isn't known what its datastore can do.
      open.handle(id);
      demand(await stores.facts(row.layer.datastore), "resize");
      await resizeDisk(this.#options, row, size);
      return row;
    });
    if (former !== undefined) {
      const { name, sizeBytes: formerBytes } = former;
      publish({ type: "disk.resized", disk: id, data: { name, formerBytes, sizeBytes: size.sizeBytes } });
    }
    return this.get(id);
  }

  /** As `reopenDisk`. */
  async reopen(nameOrId: string, how: { readonly force: boolean }): Promise<Disk> {
    const { open, publish } = this.#options;
    const { id } = await this.#row(nameOrId);
    await open.serial([id], async () => reopenDisk(open, await this.#row(id), how));
    publish({ type: "disk.reopened", disk: id });
    return this.get(id);
  }

  /** For good. `disk-in-use` while clients are attached, `migration-running` while it is moved. */
  async remove(nameOrId: string): Promise<Disk> {
    const { store, open, publish } = this.#options;
    const { id } = await this.#row(nameOrId);
    const view = await open.serial([id], async () => {
      const row = await this.#row(id);
      const view = this.#view(row);
      if (row.job !== null) throw new CodedError("migration-running", { disk: row.name, job: row.job });
      // A store that doesn't answer keeps the disk: a removal that can't begin must not end at some later start.
      await this.#options.stores.inspect(row.layer).catch(unlessDamaged);
      await open.close(id, { onlyIdle: true, flush: false });
      try {
        await store.disks.setState(id, "removing");
      } catch (error) {
        // The answer may have been lost: no guest goes on with a disk that the next start would remove.
        await store.disks
          .setState(id, "available")
          .then(() => open.open(row))
          .catch(() => undefined);
        throw error;
      }
      await this.#forget(row);
      return view;
    });
    publish({ type: "disk.removed", disk: id, data: { name: view.name } });
    return view;
  }

  /** At the start: finishes what a crash has left half made or half removed, and opens all others. */
  async recover(): Promise<void> {
    const { store, open, log } = this.#options;
    // One that can't be opened is unavailable, with its report.
    for (const row of (await store.disks.list()).items)
      if (row.state === "available") await open.serial([row.id], () => open.open(row)).catch(() => undefined);
      else if (await mayBeResumed(store, row)) log.info("a disk is half imported", { disk: row.name });
      else {
        log.warn("a disk was half made or half removed when the server ended; it is removed now", {
          disk: row.name,
          state: row.state,
        });
        await this.undo(row);
      }
  }

  /** Of a disk that was not made: its name is free again, whatever becomes of its layers: those that can't be removed now are when they can be. */
  async undo(row: DiskRow): Promise<void> {
    const { open, log, store, removeLater } = this.#options;
    const failed = (error: unknown) =>
      log.warn("a half-made disk could not be removed; that is tried again", {
        disk: row.name,
        reason: String(error),
      });
    await open.close(row.id, { onlyIdle: false, flush: true }).catch(failed);
    await this.#removeLayers(row).catch((error: unknown) => {
      failed(error);
      removeLater(row.layer);
    });
    await store.disks.forget(row.id).catch(failed);
  }

  /** Its layers first, then their record, then its name. */
  async #forget(row: DiskRow): Promise<void> {
    await this.#removeLayers(row);
    await this.#options.store.disks.forget(row.id);
  }

  async #removeLayers(row: DiskRow): Promise<void> {
    const { resources } = this.#options.store;
    for (const resource of await resources.list({ disk: row.id })) {
      const { id, kind } = resource;
      if (kind === "image") await settleImage(this.#options.store, resource);
      if (kind === "layer") await this.#removeOwn(row, layerOf(resource));
      await resources.forget(id);
    }
    await this.#removeOwn(row, row.layer);
  }

  /** A layer that was put in the place of this disk's, or that a newer catalog knows more of, is left. */
  async #removeOwn(row: DiskRow, layer: LayerRef): Promise<void> {
    const { stores, log } = this.#options;
    const info = await stores.inspect(layer).catch(unlessDamaged);
    if (info === undefined || (info.stamp.disk === row.id && info.stamp.epoch <= row.epoch))
      return stores.remove(layer);
    log.warn("a disk is removed, and its layer is left: it is newer, or another disk's", {
      disk: row.name,
      location: info.location,
      stamp: info.stamp,
    });
  }

  async #usageOf(disk: string): Promise<LayerUsage | undefined> {
    return this.#options.open.handle(disk).usage();
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

/** A damaged layer tells nothing of itself, and is there all the same. */
const unlessDamaged = (error: unknown): undefined => {
  if (!CodedError.is(error, "layer-damaged")) throw error;
  return undefined;
};

/** A disk that was closed, or lost with its thread, meanwhile has nothing to tell. */
const unlessAway = (error: unknown): undefined => {
  const away = ["disk-closed", "disk-unavailable", "disk-thread-lost"] as const;
  if (!away.some((code) => CodedError.is(error, code))) throw error;
  return undefined;
};
