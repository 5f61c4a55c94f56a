import type { DiskRow, ResourceRow, Store } from "../../catalog/index.ts";
import type { LayerRef, Log } from "../../contract/index.ts";
import type { OpenDisks } from "./open-disks.ts";
import type { Stores } from "./stores.ts";

/** The longest that a guest is held to prove the layer that a disk has moved to. */
const CONFIRM_PAUSE_MS = 300;

/**
 * Removes layers that nobody owns. Only what both the journal and the layer's own stamp call ours and unowned: no
 * owner record names it, and it was never the owner of anything newer than the catalog knows.
 */
export class Collector {
  readonly #store: Store;
  readonly #stores: Stores;
  readonly #open: OpenDisks;
  readonly #log: Log;

  constructor(options: { store: Store; stores: Stores; open: OpenDisks; log: Log }) {
    this.#store = options.store;
    this.#stores = options.stores;
    this.#open = options.open;
    this.#log = options.log;
  }

  /** Removes a layer and its record. Rejects where its datastore can't do it now; what is not ours to remove is left. */
  async remove({ id, ref, disk }: ResourceRow): Promise<void> {
    const { resources, disks } = this.#store;
    const layer = layerOf(ref);
    const info = await this.#stores.inspect(layer);
    if (info !== undefined) {
      const { stamp } = info;
      const row = await disks.get(stamp.disk);
      if (row !== undefined && names(row, layer)) {
        this.#log.warn("a layer that a job had made is its disk's, and is left", {
          ...layer,
          disk: row.name,
        });
        return resources.adopt({ id }, row.id);
      }
      const foreign = disk !== null && stamp.disk !== disk;
      // A target that became an owner of a disk that isn't there: this catalog knows less than the layer.
      const newer = row === undefined ? disk === null && stamp.state === "owner" : stamp.epoch > row.epoch;
      if (foreign || newer) {
        this.#log.warn("a layer is newer than the catalog, or another disk's, and is left", {
          ...layer,
          stamp,
        });
        return;
      }
      await this.#stores.remove(layer);
    }
    await resources.forget(id);
  }

  /**
   * At the start, when disks and jobs have been recovered: what earlier runs could not remove. A disk's former layer
   * goes only now that the one it moved to has answered a write and a flush.
   */
  async collect(): Promise<void> {
    for (const resource of await this.#store.resources.list({ kind: "layer" }))
      try {
        if (await this.#isUnowned(resource)) await this.remove(resource);
      } catch (error) {
        this.#log.warn("a layer that nobody owns could not be removed", {
          ...layerOf(resource.ref),
          reason: String(error),
        });
      }
  }

  async #isUnowned({ job, disk, ref }: ResourceRow): Promise<boolean> {
    if (job !== null && (await this.#store.jobs.get(job))?.endedAt === null) return false;
    const row = disk === null ? undefined : await this.#store.disks.get(disk);
    if (row === undefined) return true;
    if (row.state !== "available" || row.job !== null || names(row, layerOf(ref))) return false;
    await this.#open.handle(row.id).confirm(CONFIRM_PAUSE_MS);
    return true;
  }
}

const layerOf = (ref: ResourceRow["ref"]): LayerRef => ref as unknown as LayerRef;

const names = ({ layer }: DiskRow, { datastore, layer: name }: LayerRef): boolean =>
  layer.datastore === datastore && layer.layer === name;
