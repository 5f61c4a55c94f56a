import type { Layer } from "../../contract/index.ts";
import { BlockBitmap } from "../../disks/block-bitmap.ts";
import { blockCount, blockOf } from "../../disks/blocks.ts";
import { type ByteRange, lastBlockOf } from "../../disks/tracker.ts";

/** Is told of whatever a layer is asked to change, before it is changed; `grown`: it is to be longer. */
interface LayerListener {
  readonly changing: (range: ByteRange) => void;
  readonly grown: () => void;
}

/** One side of a move: what it is asked to change, and what of that is not durable. */
export class WatchedLayer {
  readonly #unflushed: BlockBitmap;
  /** What the flushes under way cover, and what those that have failed did not make durable. */
  readonly #flushing = new Set<BlockBitmap>();

  /** Listens to the layer from now on. */
  constructor(layer: Layer, { changing, grown }: LayerListener) {
    this.#unflushed = new BlockBitmap(blockCount(layer.sizeBytes));
    const [write, zero] = [layer.write.bind(layer), layer.zero.bind(layer)];
    const [flush, resize] = [layer.flush.bind(layer), layer.resize.bind(layer)];
    const change = (range: ByteRange, begin: () => void | Promise<void>) => {
      changing(range);
      const pending = begin();
      return pending === undefined ? this.#changed(range) : pending.then(() => this.#changed(range));
    };
    layer.write = (offset, from) => change({ offset, length: from.length }, () => write(offset, from));
    layer.zero = (offset, length) => change({ offset, length }, () => zero(offset, length));
    layer.flush = async () => {
      const covered = this.#unflushed.take();
      this.#flushing.add(covered);
      await flush();
      this.#flushing.delete(covered);
    };
    layer.resize = (sizeBytes) => {
      grown();
      return resize(sizeBytes);
    };
  }

  /** A block that was changed and has not been made durable since. */
  get unflushed(): number | undefined {
    for (const blocks of [this.#unflushed, ...this.#flushing]) {
      const block = blocks.next(0);
      if (block !== undefined) return block;
    }
    return undefined;
  }

  #changed({ offset, length }: ByteRange): void {
    const first = blockOf(offset);
    this.#unflushed.set(first, lastBlockOf(offset, length) - first + 1);
  }
}
