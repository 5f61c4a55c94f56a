import type { DatastoreTask } from "pagurus/conformance";
import type { Random } from "../random.ts";
import { SECTOR_BYTES } from "./known-layer.ts";

const MAX_SECTORS = 128;
const LONGEST_WRITE = 24;

/** What a host does to one layer, by chance: it is made first, and opened again after it was closed or made anew. */
export class RandomDeeds {
  readonly #layer: string;
  readonly #random: Random;
  readonly #resizes: boolean;
  #state: "absent" | "closed" | "open" = "absent";
  #sectors = 0;
  #marks = 0;
  #epoch = 0;

  constructor(layer: string, random: Random, { resizes }: { readonly resizes: boolean }) {
    this.#layer = layer;
    this.#random = random;
    this.#resizes = resizes;
  }

  next(): DatastoreTask {
    const layer = this.#layer;
    const random = this.#random;
    if (this.#state === "absent") {
      this.#state = "closed";
      this.#sectors = 1 + random(MAX_SECTORS);
      return { do: "create", layer, sizeBytes: this.#sectors * SECTOR_BYTES, stamp: this.#stamp() };
    }
    if (this.#state === "closed") {
      if (random(4) === 0) {
        this.#state = "absent";
        return { do: "remove", layer };
      }
      this.#state = "open";
      return { do: "open", layer, sizeBytes: this.#sectors * SECTOR_BYTES };
    }
    const kind = random(12);
    if (kind < 5) return { do: "write", layer, ...this.#range(), mark: ++this.#marks };
    if (kind < 7) return { do: "zero", layer, ...this.#range(), mark: 0 };
    if (kind < 9) return { do: "flush", layer };
    if (kind === 9) return { do: "stamp", layer, stamp: this.#stamp() };
    if (kind === 10 && this.#resizes) {
      this.#sectors = 1 + random(MAX_SECTORS);
      return { do: "resize", layer, sizeBytes: this.#sectors * SECTOR_BYTES };
    }
    this.#state = "closed";
    return { do: "close", layer };
  }

  /** What ends every work: a stamp, a layer that is cut and grows again, and its removal. */
  *rest(): Iterable<DatastoreTask> {
    const layer = this.#layer;
    const sizeBytes = this.#sectors * SECTOR_BYTES;
    if (this.#state === "absent") yield { do: "create", layer, sizeBytes, stamp: this.#stamp() };
    if (this.#state !== "open") yield { do: "open", layer, sizeBytes };
    yield { do: "write", layer, offset: 0, length: sizeBytes, mark: ++this.#marks };
    yield { do: "flush", layer };
    yield { do: "stamp", layer, stamp: this.#stamp() };
    if (this.#resizes) {
      yield { do: "resize", layer, sizeBytes: SECTOR_BYTES };
      yield { do: "resize", layer, sizeBytes: sizeBytes + SECTOR_BYTES };
    }
    yield { do: "close", layer };
    yield { do: "remove", layer };
  }

  #range(): { readonly offset: number; readonly length: number } {
    const first = this.#random(this.#sectors);
    const count = 1 + this.#random(Math.min(LONGEST_WRITE, this.#sectors - first));
    return { offset: first * SECTOR_BYTES, length: count * SECTOR_BYTES };
  }

  #stamp() {
    return { disk: "disk-1", epoch: ++this.#epoch, state: "owner" } as const;
  }
}
