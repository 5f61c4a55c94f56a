import assert from "node:assert/strict";
import type { DiskUnderTest } from "../disk-under-test.ts";
import type { Model } from "../model.ts";
import type { GuestClient } from "./guest-client.ts";
import { done } from "./in-time.ts";

/** Fails where the bytes differ, naming the first one that does. */
export const assertSame = (found: Uint8Array, wanted: Uint8Array, at: number, what: string): void => {
  if (Buffer.compare(found, wanted) === 0) return;
  const index = wanted.findIndex((byte, place) => byte !== found[place]);
  assert.fail(`${what} differs: byte ${at + index} is ${found[index]}, was to be ${wanted[index]}`);
};

/** Fails where two models differ. */
export const assertModel = (found: Model, wanted: Model, what: string): void => {
  for (const model of [wanted, found])
    for (const { offset, length } of model.ranges())
      assertSame(found.slice(offset, length), wanted.slice(offset, length), offset, what);
};

export const assertHoldsWhatWasWritten = (disk: DiskUnderTest): void =>
  assertModel(disk.content, disk.expected, `what ${disk.name} holds`);

/** Fails where the client reads something else than its disk holds. */
export const assertReads = async (
  client: GuestClient,
  disk: DiskUnderTest,
  offset: number,
  length: number,
): Promise<void> => {
  const found = await done(client.read(offset, length), `a read of ${length} bytes at ${offset}`);
  assertSame(found, disk.content.slice(offset, length), offset, `what the client reads of ${disk.name}`);
};
