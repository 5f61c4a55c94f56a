const BLOCK_BYTES = 4096;

/** A change that was asked for and has not been answered well: the disk may show it or not. */
export interface OpenChange {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** What a disk must read as: what was acknowledged, by whatever connection, and what may be there besides. */
export class DiskImage {
  readonly acknowledged: Buffer;
  readonly #open = new Set<OpenChange>();

  constructor(sizeBytes: number) {
    this.acknowledged = Buffer.alloc(sizeBytes);
  }

  /** A change is asked for; concurrent ones must not overlap. */
  asked(offset: number, bytes: Uint8Array): OpenChange {
    const change = { offset, bytes: Uint8Array.from(bytes) };
    this.#open.add(change);
    return change;
  }

  /** It was answered well: from now on the disk must show it. */
  answered(change: OpenChange): void {
    this.acknowledged.set(change.bytes, change.offset);
    this.#open.delete(change);
  }

  /** The blocks of 4 KiB in which `content` is neither as acknowledged nor as an open change would make it. */
  wrongBlocks(content: Buffer): readonly number[] {
    const wrong: number[] = [];
    for (let at = 0; at < this.acknowledged.length; at += BLOCK_BYTES) {
      const end = Math.min(at + BLOCK_BYTES, this.acknowledged.length);
      if (content.compare(this.acknowledged, at, end, at, end) === 0) continue;
      if (!this.#explained(content, at, end)) wrong.push(at / BLOCK_BYTES);
    }
    return wrong;
  }

  /** A byte may be as acknowledged, or as any change that is still open makes it. */
  #explained(content: Buffer, from: number, end: number): boolean {
    for (let at = from; at < end; at++)
      if (
        content[at] !== this.acknowledged[at] &&
        ![...this.#open].some(({ offset, bytes }) => bytes[at - offset] === content[at])
      )
        return false;
    return true;
  }
}
