import type { Store } from "../../catalog/index.ts";
import type { LayerRef, Log } from "../../contract/index.ts";
import type { Stores } from "./stores.ts";

/**
 * Removes layers that nobody owns. Only what both the journal and the layer's own stamp call ours and unowned: no
 * owner record names it, and it was never the owner of anything newer than the catalog knows.
 */
export class Collector {
  readonly #store: Store;
  readonly #stores: Stores;
  readonly #log: Log;

  constructor(options: { store: Store; stores: Stores; log: Log }) {
    this.#store = options.store;
    this.#stores = options.stores;
    this.#log = options.log;
  }

  /** Rejects where the layer's datastore can't do it now; a layer that is not ours to remove is left. */
  async remove(ref: LayerRef): Promise<void> {
    const info = await this.#stores.inspect(ref);
    if (info === undefined) return;
    const row = await this.#store.disks.get(info.stamp.disk);
    const owned = row !== undefined && row.layer.datastore === ref.datastore && row.layer.layer === ref.layer;
    const newer = info.stamp.state === "owner" && row !== undefined && info.stamp.epoch > row.epoch;
    if (owned || newer) {
      this.#log.warn("a layer that a job had made is owned, and is left", {
        ...ref,
        epoch: info.stamp.epoch,
      });
      return;
    }
    await this.#stores.remove(ref);
  }

  /** At the start: former layers that could not be removed when their disk moved on. */
  async collect(): Promise<void> {
    for (const { id, ref, disk, job } of await this.#store.resources.list({ kind: "layer" })) {
      const row = disk === null ? undefined : await this.#store.disks.get(disk);
      if (job !== null && (await this.#store.jobs.get(job))?.endedAt === null) continue;
      const layer = ref as unknown as LayerRef;
      if (
        row !== undefined &&
        (row.state !== "available" || row.job !== null || row.layer.layer === layer.layer)
      )
        continue;
      try {
        await this.remove(layer);
        await this.#store.resources.forget(id);
      } catch (error) {
        this.#log.warn("a layer that nobody owns could not be removed", { ...layer, reason: String(error) });
      }
    }
  }
}
