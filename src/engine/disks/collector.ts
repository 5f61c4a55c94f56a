import type { DiskRow, ResourceRow, Store } from "../../catalog/index.ts";
import { type Clock, CodedError, type LayerRef, type Log, refText } from "../../contract/index.ts";
import { within } from "../threads/within.ts";
import { layerOf } from "./layer-of.ts";
import type { OpenDisks } from "./open-disks.ts";
import { RepeatedTry } from "./repeated-try.ts";
import type { Stores } from "./stores.ts";

/** The longest that a guest is held to prove the layer that a disk has moved to. */
const CONFIRM_PAUSE_MS = 300;
/** How long a start, or an end, waits for datastores that take their time. */
const PATIENCE_MS = 5_000;

export interface CollectorOptions {
  readonly store: Store;
  readonly stores: Stores;
  readonly open: OpenDisks;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Removes layers that nobody owns. Only what both the journal and the layer's own stamp call ours and unowned: no
 * owner record names it, and it was never the owner of anything newer than the catalog knows. What can't be removed
 * when it should be is tried again until it can; the catalog has its record as long, so that a crash forgets nothing.
 */
export class Collector {
  readonly #options: CollectorOptions;
  readonly #again: RepeatedTry;
  /** What is to be tried again, by the text of its reference; true where it was told. */
  readonly #left = new Map<string, boolean>();

  constructor(options: CollectorOptions) {
    this.#options = options;
    this.#again = new RepeatedTry({ attempt: () => this.#removeLeft(), clock: options.clock });
  }

  /** Of a job that ends without it. Rejects where it can't be removed now, and tries again once the job has ended. */
  async remove(resource: ResourceRow): Promise<void> {
    try {
      await this.#remove(resource);
    } catch (error) {
      this.later(layerOf(resource));
      throw error;
    }
  }

  /** The layer couldn't be removed just now, and nobody else sees to it. */
  later(layer: LayerRef): void {
    this.#left.set(refText(layer), this.#left.get(refText(layer)) ?? false);
    this.#again.later();
  }

  /** A datastore answers again. */
  answered(): void {
    this.#again.sooner();
  }

  /**
   * At the start, when disks and jobs have been recovered: what earlier runs could not remove. A disk's former layer
   * goes only now that the one it moved to has answered a write and a flush. What takes long goes on afterwards.
   */
  async collect(): Promise<void> {
    for (const resource of await this.#layers())
      if ((await this.#useOf(resource)) === "none") this.#left.set(refText(layerOf(resource)), false);
    await within(PATIENCE_MS, this.#options.clock, this.#again.now());
  }

  async stop(): Promise<void> {
    await within(PATIENCE_MS, this.#options.clock, this.#again.stop());
  }

  #layers(): Promise<readonly ResourceRow[]> {
    return this.#options.store.resources.list({ kind: "layer" });
  }

  /** Answers whether nothing is left. */
  async #removeLeft(): Promise<boolean> {
    const layers = new Map((await this.#layers()).map((resource) => [refText(layerOf(resource)), resource]));
    const away = new Set<string>();
    for (const name of this.#left.keys()) {
      const resource = layers.get(name);
      if (resource === undefined) this.#left.delete(name);
      else if (!this.#again.stopped && !away.has(layerOf(resource).datastore))
        await this.#tryToRemove(name, resource).catch((error: unknown) => {
          if (CodedError.is(error, "datastore-unavailable")) away.add(layerOf(resource).datastore);
          this.#tell(name, resource, error);
        });
    }
    return this.#left.size === 0;
  }

  async #tryToRemove(name: string, resource: ResourceRow): Promise<void> {
    const use = await this.#useOf(resource);
    if (use === "undecided") return;
    if (use === "none") await this.#remove(resource);
    this.#left.delete(name);
  }

  /** Once for each: it is tried for as long as it takes. */
  #tell(name: string, { ref }: ResourceRow, error: unknown): void {
    const { log } = this.#options;
    if (this.#again.stopped || this.#left.get(name) === true) return;
    this.#left.set(name, true);
    log.warn("a layer that nobody owns could not be removed; it is tried again", {
      ...ref,
      reason: String(error),
    });
  }

  /** What the catalog says of it. */
  async #useOf({ id, job, disk, ...layer }: ResourceRow): Promise<"owner" | "undecided" | "none"> {
    const { disks, jobs, resources } = this.#options.store;
    if (job !== null && (await jobs.get(job))?.endedAt === null) return "undecided";
    const row = disk === null ? undefined : await disks.get(disk);
    if (row !== undefined && names(row, layerOf(layer))) return "owner";
    if (row !== undefined && (row.state !== "available" || row.job !== null)) return "undecided";
    // A job that has ended meanwhile may have given it away, or let it be kept.
    const now = await resources.get(id);
    return now === undefined || (now.job === job && now.disk === disk) ? "none" : "undecided";
  }

  async #remove({ id, ref, disk }: ResourceRow): Promise<void> {
    const { store, stores, log } = this.#options;
    const layer = layerOf({ ref });
    const info = await stores.inspect(layer);
    if (info !== undefined) {
      const { stamp } = info;
      const row = await store.disks.get(stamp.disk);
      if (row !== undefined && names(row, layer)) {
        log.warn("a layer that a job had made is its disk's, and is left", { ...layer, disk: row.name });
        return store.resources.adopt({ id }, row.id);
      }
      const foreign = disk !== null && stamp.disk !== disk;
      // A job's target that became an owner: this catalog knows less than the layer.
      const owned = disk === null && stamp.state !== "target";
      if (foreign || owned || (row !== undefined && stamp.epoch > row.epoch)) {
        log.warn("a layer is newer than the catalog, or another disk's, and is left", { ...layer, stamp });
        return;
      }
      if (row !== undefined && disk !== null) await this.#options.open.handle(disk).confirm(CONFIRM_PAUSE_MS);
    }
    // Also where there is none: a crash while it was made, or removed, may have left something of it.
    await stores.remove(layer);
    await store.resources.forget(id);
  }
}

const names = ({ layer }: DiskRow, { datastore, layer: name }: LayerRef): boolean =>
  layer.datastore === datastore && layer.layer === name;
