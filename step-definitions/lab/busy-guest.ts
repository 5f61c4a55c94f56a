import assert from "node:assert/strict";
import { type Random, random } from "../conformance/random.ts";
import { BLOCK_BYTES } from "./blocks.ts";
import type { Guest } from "./guest.ts";

/** Requests in flight at once, each in a part of the disk of its own: no two of them meet. */
const LANES = 4;
const MOST_BLOCKS = 8;
const SECTOR_BYTES = 512;

/** A guest at work: it writes, zeroes, discards and flushes all over its disk, and reads back what it wrote. */
export class BusyGuest {
  readonly #guest: Guest;
  readonly #lanes: Promise<void>;
  #stopping = false;
  /** Requests that were answered. */
  answered = 0;

  constructor(guest: Guest) {
    this.#guest = guest;
    this.#lanes = Promise.all(Array.from({ length: LANES }, (_, lane) => this.#work(lane))).then(
      () => undefined,
    );
    // Whoever stops it is told.
    this.#lanes.catch(() => undefined);
  }

  /** Resolves when all that it asked for was answered well. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#lanes;
  }

  async #work(lane: number): Promise<void> {
    const { length } = this.#guest.image.acknowledged;
    const part = Math.floor(length / LANES / BLOCK_BYTES) * BLOCK_BYTES;
    const chance = random(lane + 1);
    while (!this.#stopping) {
      await this.#request(lane * part, part, chance);
      this.answered++;
    }
  }

  async #request(from: number, length: number, chance: Random): Promise<void> {
    const guest = this.#guest;
    const blocks = 1 + chance(MOST_BLOCKS);
    const offset = from + chance(length / BLOCK_BYTES - blocks) * BLOCK_BYTES;
    const bytes = blocks * BLOCK_BYTES;
    const kind = chance(16);
    if (kind === 0) return guest.flush();
    if (kind === 1) return guest.zero(offset, bytes);
    if (kind === 2) return guest.trim(offset, bytes);
    if (kind < 6) {
      const found = await guest.read(offset, bytes);
      const written = guest.image.acknowledged.subarray(offset, offset + bytes);
      assert.ok(found.equals(written), `what was read at ${offset} is not what was written`);
      return;
    }
    // Also pieces of blocks, which a move must not make larger.
    const sectors = kind < 10 ? chance(8) : 0;
    const content = Buffer.alloc(bytes - sectors * SECTOR_BYTES, `${this.answered} ${chance(2 ** 31)} `);
    await guest.write(offset + sectors * SECTOR_BYTES, content);
  }
}
