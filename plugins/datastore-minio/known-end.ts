import { type LayerRecord, LayerRecords, type Reached } from "./layer-record.ts";
import type { Objects } from "./objects.ts";

export interface KnownEndOptions {
  readonly layer: string;
  readonly log: string;
  /** Those that are told soon that the store doesn't answer. */
  readonly objects: Objects;
  /** The number of the last object that the bucket has with all lower ones. */
  readonly confirmed: () => number;
  /** What the layer's record says of it already. */
  readonly recorded: number;
}

/**
 * Has the layer's record say how far the bucket has its log, so that objects which somebody deletes at the log's end
 * are missed: without it they look as if they had never been written. Beside the writes: what was flushed since it was
 * last recorded isn't known.
 */
export class KnownEnd {
  readonly #options: KnownEndOptions;
  #recorded: number;
  #underWay: Promise<void> = Promise.resolve();

  constructor(options: KnownEndOptions) {
    this.#options = options;
    this.#recorded = options.recorded;
  }

  get reached(): Reached {
    const { log, confirmed } = this.#options;
    return { log, number: confirmed() };
  }

  /**
   * Where the store doesn't take it, the next time does: the disk is as sound without. Resolves when nothing of it is
   * under way any more.
   */
  record(): Promise<void> {
    this.#underWay = this.#underWay.then(() => this.#record());
    return this.#underWay;
  }

  async #record(): Promise<void> {
    const { objects, layer } = this.#options;
    const { reached } = this;
    if (reached.number <= this.#recorded || objects.outage !== undefined) return;
    const isNews = ({ log, removed, confirmedThrough = 0 }: LayerRecord) =>
      log === reached.log && !removed && confirmedThrough < reached.number;
    try {
      await new LayerRecords(objects).change(layer, { reached }, isNews);
      this.#recorded = reached.number;
    } catch {
      // Said next time.
    }
  }
}
