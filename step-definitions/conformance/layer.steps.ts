import assert from "node:assert/strict";
import { Then, When } from "pagurus/steps";
import { assertAsWritten } from "./datastore/content.ts";
import { pattern } from "./model.ts";
import { random } from "./random.ts";
import type { Kit } from "./world.ts";

const sector = 512;
/** How many ranges are read where any of them must be right. */
const anyRanges = 100;

When(
  "{size} of {string} are written at {size}",
  async function (this: Kit, length: number, word: string, offset: number) {
    await this.current.write(offset, pattern(word, offset, length));
  },
);
When("{size} at {size} are zeroed", async function (this: Kit, length: number, offset: number) {
  await this.current.zero(offset, length);
});
When("each of them is filled with its own", async function (this: Kit) {
  for (const [name, layer] of this.layers) await layer.write(0, pattern(name, 0, layer.sizeBytes));
});
When("it is flushed", async function (this: Kit) {
  await this.current.layer.flush();
});
When("reads of all of it are announced", async function (this: Kit) {
  const { layer, sizeBytes } = this.current;
  await layer.prefetch?.(0, sizeBytes);
  await layer.prefetch?.(sizeBytes - sector, sector);
});
When(
  "{int} writes of {size} are made at once to the same place",
  async function (this: Kit, count: number, length: number) {
    const { layer } = this.current;
    await Promise.all(
      Array.from({ length: count }, (_, index) => layer.write(0, Buffer.alloc(length, index + 1))),
    );
  },
);
When(
  "{int} writes of {size} are made at once side by side",
  async function (this: Kit, count: number, length: number) {
    const it = this.current;
    await Promise.all(
      Array.from({ length: count }, (_, index) =>
        it.write(index * length, pattern(`${index}`, index * length, length)),
      ),
    );
  },
);

Then("reading {size} at {size} succeeds", async function (this: Kit, length: number, offset: number) {
  await this.current.read(offset, length);
});
Then("it reads as it was written", async function (this: Kit) {
  await assertAsWritten(this.current);
});
Then("each of them reads as it was written", async function (this: Kit) {
  for (const layer of this.layers.values()) await assertAsWritten(layer);
});
Then(
  "each sector of the first {size} comes whole from one of them",
  async function (this: Kit, length: number) {
    for (let offset = 0; offset < length; offset += sector) {
      const [first = 0, ...rest] = await this.current.read(offset, sector);
      const other = rest.findIndex((byte) => byte !== first);
      assert.ok(first > 0, `nothing was written to the sector at ${offset}`);
      assert.ok(
        other < 0,
        `the sector at ${offset} is mixed: of ${first} and, from its byte ${other + 1} on, others`,
      );
    }
  },
);
Then("any range of it reads as it was written", async function (this: Kit) {
  const { current, parameters } = this;
  const pick = random(parameters.seed);
  for (let count = 0; count < anyRanges; count++) {
    const first = pick(current.sizeBytes / sector);
    const offset = first * sector;
    const length = (1 + pick(Math.min(64, current.sizeBytes / sector - first))) * sector;
    const wanted = current.expected.slice(offset, length);
    const equal = Buffer.compare(await current.read(offset, length), wanted) === 0;
    assert.ok(equal, `${length} bytes at ${offset} differ from what was written (seed ${parameters.seed})`);
  }
});
