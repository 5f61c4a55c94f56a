/**
 * Memory for full segments, used again: what is allocated outside V8's heap makes it look through all of that heap,
 * every 64 MiB, and that was most of what a stream of writes cost.
 */
export class SegmentMemory {
  readonly #segmentBytes: number;
  readonly #free: Buffer[] = [];

  constructor(segmentBytes: number) {
    this.#segmentBytes = segmentBytes;
  }

  /** Room for so many bytes at least; all of a segment's where that isn't much more. */
  take(bytes: number): Buffer {
    if (bytes <= this.#segmentBytes / 2) return Buffer.allocUnsafeSlow(bytes);
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#segmentBytes);
  }

  /** Nobody looks at it any more. */
  give(memory: Buffer): void {
    if (memory.length === this.#segmentBytes) this.#free.push(memory);
  }

  /** No stream goes on that needs it soon. */
  clear(): void {
    this.#free.length = 0;
  }
}
