import type { Clock } from "pagurus";

/** What no stream of writes takes again within this time goes back. */
const IDLE_MS = 5000;

/**
 * Memory for full segments, used again: what is allocated outside V8's heap makes it look through all of that heap,
 * every 64 MiB, and that was most of what a stream of writes cost.
 */
export class SegmentMemory {
  readonly #segmentBytes: number;
  readonly #clock: Clock;
  readonly #free: Buffer[] = [];
  /** So many were free all the time since the timer was set. */
  #unused = 0;
  #cancel: (() => void) | undefined;

  constructor(segmentBytes: number, clock: Clock) {
    this.#segmentBytes = segmentBytes;
    this.#clock = clock;
  }

  /** Room for so many bytes at least; all of a segment's where that isn't much more. */
  take(bytes: number): Buffer {
    if (bytes <= this.#segmentBytes / 2) return Buffer.allocUnsafeSlow(bytes);
    const free = this.#free.pop();
    this.#unused = Math.min(this.#unused, this.#free.length);
    return free ?? Buffer.allocUnsafeSlow(this.#segmentBytes);
  }

  /** Nobody looks at it any more. */
  give(memory: Buffer): void {
    if (memory.length !== this.#segmentBytes) return;
    this.#free.push(memory);
    if (this.#cancel === undefined) this.#watch();
  }

  stop(): void {
    this.#cancel?.();
    this.#free.length = 0;
  }

  #watch(): void {
    this.#unused = this.#free.length;
    this.#cancel = this.#clock.after(IDLE_MS, () => {
      this.#cancel = undefined;
      this.#free.splice(0, this.#unused);
      if (this.#free.length > 0) this.#watch();
    });
  }
}
