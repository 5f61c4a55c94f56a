import assert from "node:assert/strict";
import { CodedError } from "pagurus";
import type { NbdClient } from "pagurus/testing";
import type { Random } from "../conformance/random.ts";
import { BLOCK_BYTES } from "../lab/blocks.ts";

/** At the beginning of the disk. */
const BLOCKS = 256;
const WRITES_PER_FLUSH = 12;

interface Write {
  readonly block: number;
  readonly number: number;
}

/** What a block holds after the write of that number; 0 is one that was never written, or was zeroed. */
const contentOf = (number: number): Buffer => {
  const content = Buffer.alloc(BLOCK_BYTES);
  for (let at = 0; at < BLOCK_BYTES; at += 4) content.writeUInt32LE(number, at);
  return content;
};

/**
 * A client that makes one write after the other, so that it knows of every crash whether what is there is what some
 * number of its writes left, none of them missing, and at least those that were flushed.
 */
export class NumberedWrites {
  readonly #random: Random;
  /** What each block held when it was looked at last. */
  #numbers: readonly number[] = Array.from({ length: BLOCKS }, () => 0);
  /** Asked for since, in order. */
  #writes: Write[] = [];
  /** How many of those were answered before a flush that was answered was asked for. */
  #flushed = 0;
  #next = 1;

  constructor(random: Random) {
    this.#random = random;
  }

  static readonly bytes = BLOCKS * BLOCK_BYTES;

  /** Goes on until the connection is lost. */
  async writeUntilLost(client: NbdClient): Promise<void> {
    try {
      for (;;) await this.#turn(client);
    } catch (error) {
      if (!CodedError.is(error, "peer-lost")) throw error;
    }
  }

  /** Goes on until something is refused, and answers with which errno. */
  async writeUntilRefused(client: NbdClient): Promise<unknown> {
    try {
      for (;;) await this.#turn(client);
    } catch (error) {
      if (!CodedError.is(error, "nbd-error")) throw error;
      return error.data["errno"];
    }
  }

  async writeAndFlush(client: NbdClient, times: number): Promise<void> {
    for (let time = 0; time < times; time++) await this.#turn(client);
  }

  /** Answers how many writes are there, and how many were flushed. */
  async look(client: NbdClient): Promise<string> {
    const found = await client.read(0, NumberedWrites.bytes);
    const numbers = Array.from({ length: BLOCKS }, (_, block) => found.readUInt32LE(block * BLOCK_BYTES));
    for (const [block, number] of numbers.entries()) {
      const there = found.subarray(block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES);
      assert.ok(there.equals(contentOf(number)), `block ${block} is torn, or somebody else's`);
    }
    const [writes, flushed] = [this.#writes, this.#flushed];
    const kept = this.#prefixThatLeaves(numbers);
    assert.notEqual(kept, undefined, this.#problem(numbers));
    this.#numbers = numbers;
    this.#writes = [];
    this.#flushed = 0;
    return `${kept} of ${writes.length} writes are there, ${flushed} were flushed`;
  }

  async #turn(client: NbdClient): Promise<void> {
    for (let write = 0; write < WRITES_PER_FLUSH; write++) {
      const block = this.#random(BLOCKS);
      const number = this.#random(8) === 0 ? 0 : this.#next++;
      this.#writes.push({ block, number });
      if (number === 0) await client.zero(block * BLOCK_BYTES, BLOCK_BYTES);
      else await client.write(block * BLOCK_BYTES, contentOf(number));
    }
    const answered = this.#writes.length;
    await client.flush();
    this.#flushed = answered;
  }

  /** Of the writes since the last look. */
  #prefixThatLeaves(found: readonly number[]): number | undefined {
    const numbers = [...this.#numbers];
    for (let count = 0; count <= this.#writes.length; count++) {
      if (count >= this.#flushed && numbers.every((number, block) => number === found[block])) return count;
      const write = this.#writes[count];
      if (write) numbers[write.block] = write.number;
    }
    return undefined;
  }

  #problem(found: readonly number[]): string {
    const numbers = [...this.#numbers];
    for (const { block, number } of this.#writes.slice(0, this.#flushed)) numbers[block] = number;
    const others = found.flatMap((number, block) =>
      number === numbers[block] ? [] : [`block ${block} has ${number} and had ${numbers[block]}`],
    );
    return `no number of its ${this.#writes.length} writes, of which ${this.#flushed} were flushed, leaves this; since the flush ${others.join(", ")}`;
  }
}
