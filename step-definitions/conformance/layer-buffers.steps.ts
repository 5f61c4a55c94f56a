import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { Then, When } from "pagurus/steps";
import { pattern } from "./model.ts";
import type { Kit } from "./world.ts";

const somethingElse = 0xee;
/** What lies around a buffer that is part of a larger one, on either side. */
const marginBytes = 4096;
/** Enough for whatever a layer does a little later. */
const turns = 20;

/** The buffer that a scenario has lent, and what it must hold after. */
class Lent {
  buffer = new Uint8Array();
  wanted = new Uint8Array();
}

When(
  "{size} of {string} are written at {size} from a buffer that is filled with something else right after",
  async function (this: Kit, length: number, word: string, offset: number) {
    const { layer, expected } = this.current;
    const bytes = pattern(word, offset, length);
    const from = new Uint8Array(bytes);
    await layer.write(offset, from);
    from.fill(somethingElse);
    expected.set(bytes, offset);
  },
);
When(
  "{size} of {string} are written at {size} from a buffer that is kept",
  async function (this: Kit, length: number, word: string, offset: number) {
    const lent = this.part(Lent);
    lent.buffer = new Uint8Array(pattern(word, offset, length));
    lent.wanted = new Uint8Array(lent.buffer);
    await this.current.layer.write(offset, lent.buffer);
  },
);
When(
  "{size} at {size} are read into a buffer that is filled with something else right after",
  async function (this: Kit, length: number, offset: number) {
    const lent = this.part(Lent);
    lent.buffer = new Uint8Array(length);
    await this.current.layer.read(offset, lent.buffer);
    lent.buffer.fill(somethingElse);
    lent.wanted = new Uint8Array(lent.buffer);
  },
);
When("{size} at {size} are read", async function (this: Kit, length: number, offset: number) {
  await this.current.read(offset, length);
});
When(
  "{size} at {size} are written from the middle of a larger buffer",
  async function (this: Kit, length: number, offset: number) {
    const { layer, expected } = this.current;
    const bytes = pattern("part", offset, length);
    const larger = new Uint8Array(length + 2 * marginBytes).fill(somethingElse);
    larger.set(bytes, marginBytes);
    await layer.write(offset, larger.subarray(marginBytes, marginBytes + length));
    expected.set(bytes, offset);
  },
);

Then("that buffer holds what it was filled with", async function (this: Kit) {
  for (let turn = 0; turn < turns; turn++) await setImmediate();
  const { buffer, wanted } = this.part(Lent);
  const at = buffer.findIndex((byte, index) => byte !== wanted[index]);
  assert.ok(at < 0, `byte ${at} of the caller's buffer is ${buffer[at]}, was ${wanted[at]}`);
});
Then(
  "reading {size} at {size} into the middle of a larger buffer touches nothing around it",
  async function (this: Kit, length: number, offset: number) {
    const { layer, expected } = this.current;
    const larger = new Uint8Array(length + 2 * marginBytes).fill(somethingElse);
    const wanted = new Uint8Array(larger);
    wanted.set(expected.slice(offset, length), marginBytes);
    await layer.read(offset, larger.subarray(marginBytes, marginBytes + length));
    const at = larger.findIndex((byte, index) => byte !== wanted[index]);
    const where = `${at - marginBytes} from where the layer's part begins`;
    assert.ok(at < 0, `the byte ${where} is ${larger[at]}, must be ${wanted[at]}`);
  },
);
