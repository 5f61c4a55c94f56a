import type { Extent, Layer } from "../contract/index.ts";
import { deferred } from "../disks/deferred.ts";

const SECTOR = 512;

/** Where an operation can be held: before it touches the bytes, or after that and before it is answered. */
export type LayerPoint =
  | "read-started"
  | "read-returned"
  | "write-started"
  | "write-reached"
  | "zero-started"
  | "zero-reached"
  | "flush-started"
  | "flush-returned"
  | "extents-returned";

/** Where an operation begins, or what it is asked about the range of one. */
type Where = number | ((offset: number, length: number) => boolean);

/** An operation that stands still until it is released. */
export interface LayerHold {
  /** Resolves when an operation stands there. */
  readonly reached: Promise<void>;
  /** Lets it go on, or never stop there. */
  release(): void;
}

interface Waiting extends LayerHold {
  readonly point: LayerPoint;
  readonly where: Where | undefined;
  arrive(): void;
  readonly released: Promise<void>;
}

/** What a layer was asked for. */
export interface LayerRequest {
  readonly operation: "read" | "write" | "zero" | "flush";
  readonly offset: number;
  readonly length: number;
}

/** A layer in memory that can be held at any point and made to fail or to lie. */
export class FakeLayer implements Layer {
  readonly ref;
  readonly sizeBytes: number;
  readonly bytes: Uint8Array;
  readonly asked: LayerRequest[] = [];
  fastZero = true;
  /** Whether its word for a hole may be taken; `hides` makes it a lie. */
  exactExtents = false;
  /** Where given, every operation waits for it: the layer is asynchronous. */
  pause: (() => Promise<void>) | undefined;
  /** Throws what an operation shall fail with. */
  fault: (asked: LayerRequest) => void = () => undefined;
  /** May change what has just been written, as rotting storage does. */
  rot: (asked: LayerRequest) => void = () => undefined;
  /** Where a write lands instead. */
  misdirect: (offset: number) => number = (offset) => offset;
  /** Calls a sector a hole whatever it holds. */
  hides: (offset: number) => boolean = () => false;
  readonly #stored: Uint8Array;
  readonly #holds: Waiting[] = [];

  constructor(name: string, sizeBytes: number) {
    this.ref = { datastore: "test", layer: name };
    this.sizeBytes = sizeBytes;
    this.bytes = new Uint8Array(sizeBytes);
    this.#stored = new Uint8Array(Math.ceil(sizeBytes / SECTOR));
  }

  /** Holds the next operation at the point, or the next one there. */
  hold(point: LayerPoint, where?: Where): LayerHold {
    const [arrived, released] = [deferred<void>(), deferred<void>()];
    const hold = {
      point,
      where,
      reached: arrived.promise,
      released: released.promise,
      arrive: () => arrived.resolve(),
      release: () => released.resolve(),
    };
    this.#holds.push(hold);
    return hold;
  }

  /** Number of sectors that take up space. */
  get storedSectors(): number {
    return this.#stored.reduce((sum, stored) => sum + stored, 0);
  }

  read(offset: number, into: Uint8Array): void | Promise<void> {
    const effect = () => into.set(this.bytes.subarray(offset, offset + into.length));
    return this.#operate({ operation: "read", offset, length: into.length }, effect, "returned");
  }

  /** The bytes are read when it takes effect, which a hold puts off. */
  write(offset: number, from: Uint8Array): void | Promise<void> {
    const asked = { operation: "write", offset, length: from.length } as const;
    const effect = () => {
      const at = this.misdirect(offset);
      this.bytes.set(from, at);
      this.#stored.fill(1, at / SECTOR, Math.ceil((at + from.length) / SECTOR));
      this.rot(asked);
    };
    return this.#operate(asked, effect, "reached");
  }

  zero(offset: number, length: number): void | Promise<void> {
    const effect = () => {
      this.bytes.fill(0, offset, offset + length);
      this.#stored.fill(0, offset / SECTOR, Math.ceil((offset + length) / SECTOR));
    };
    return this.#operate({ operation: "zero", offset, length }, effect, "reached");
  }

  async flush(): Promise<void> {
    await this.#operate({ operation: "flush", offset: 0, length: 0 }, () => undefined, "returned");
  }

  async resize(): Promise<void> {
    throw new TypeError("a test layer stays as long as it is");
  }

  async *extents(offset: number, length: number): AsyncGenerator<Extent> {
    const extents: Extent[] = [];
    for (let at = offset; at < offset + length; at += SECTOR) {
      const data = this.#stored[at / SECTOR] === 1 && !this.hides(at);
      const bytes = Math.min(SECTOR, offset + length - at);
      extents.push({ offset: at, length: bytes, kind: data ? "data" : "zero" });
    }
    await this.#heldAt("extents-returned", { offset, length });
    await this.pause?.();
    yield* extents;
  }

  async close(): Promise<void> {}

  #operate(asked: LayerRequest, effect: () => void, last: "returned" | "reached"): void | Promise<void> {
    this.asked.push(asked);
    if (this.pause !== undefined || this.#holds.length > 0) return this.#slowly(asked, effect, last);
    this.fault(asked);
    effect();
  }

  async #slowly(asked: LayerRequest, effect: () => void, last: "returned" | "reached"): Promise<void> {
    await this.#heldAt(`${asked.operation}-started` as LayerPoint, asked);
    await this.pause?.();
    this.fault(asked);
    effect();
    await this.#heldAt(`${asked.operation}-${last}` as LayerPoint, asked);
    await this.pause?.();
  }

  async #heldAt(point: LayerPoint, range: Pick<LayerRequest, "offset" | "length">): Promise<void> {
    const index = this.#holds.findIndex((hold) => hold.point === point && isThere(range, hold.where));
    const [hold] = index < 0 ? [] : this.#holds.splice(index, 1);
    hold?.arrive();
    await hold?.released;
  }
}

const isThere = ({ offset, length }: Pick<LayerRequest, "offset" | "length">, where?: Where): boolean =>
  typeof where === "function" ? where(offset, length) : where === undefined || where === offset;
