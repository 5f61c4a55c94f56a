import assert from "node:assert/strict";
import { HashFunction } from "pagurus";
import { pattern } from "../model.ts";
import { type Random, random } from "../random.ts";
import type { Kit } from "../world.ts";

export const hexOf = (signature: Uint8Array): string => Buffer.from(signature).toString("hex");

/** In a buffer of its own, from its first byte on. */
export const contentOf = (word: string, length: number): Uint8Array => pattern(word, 0, length);

/** Contents of all lengths that hashes treat differently: around the sizes of their words and blocks, and long ones. */
export const someContents = (count: number): readonly Uint8Array[] =>
  Array.from({ length: count }, (_, index) => contentOf(`content ${index}`, (index * 13) % 260));

/** The hash function of a scenario, and what it has given so far. */
export class HashUnderTest {
  readonly hash: HashFunction;
  readonly random: Random;
  /** What a scenario's first signature was, and is. */
  first: { hex: string; signature: Uint8Array } = { hex: "", signature: new Uint8Array() };
  buffer: Uint8Array = new Uint8Array();

  constructor(kit: Kit) {
    this.hash = kit.instance(HashFunction);
    this.random = random(kit.parameters.seed);
  }

  /** The signature of the whole. */
  whole(bytes: Uint8Array): string {
    return hexOf(this.hash.digest(bytes));
  }

  inParts(parts: readonly Uint8Array[]): string {
    const digest = this.hash.create();
    for (const part of parts) digest.update(part);
    return hexOf(digest.digest());
  }

  /** Cuts a copy of the content at these places, each part in a buffer of its own. */
  cut(bytes: Uint8Array, places: readonly number[]): readonly Uint8Array[] {
    const ends = [...places, bytes.length];
    return ends.map((end, index) => bytes.slice(ends[index - 1] ?? 0, end));
  }

  assertParts(bytes: Uint8Array, places: readonly number[]): void {
    assert.equal(
      this.inParts(this.cut(bytes, places)),
      this.whole(bytes),
      `${bytes.length} bytes cut at ${places.join(", ")} have another signature than the whole`,
    );
  }
}
