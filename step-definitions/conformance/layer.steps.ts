import assert from "node:assert/strict";
import type { Extent } from "pagurus";
import { Then, When } from "pagurus/steps";
import { pattern } from "./model.ts";
import { random } from "./random.ts";
import { runRandomOperations } from "./random-operations.ts";
import type { Kit } from "./world.ts";

const sector = 512;

When(
  "{size} of {string} are written at {size}",
  async function (this: Kit, length: number, word: string, offset: number) {
    await this.current.write(offset, pattern(word, offset, length));
  },
);
When("{size} at {size} are zeroed", async function (this: Kit, length: number, offset: number) {
  await this.current.zero(offset, length);
});
When("it is flushed", async function (this: Kit) {
  await this.current.layer.flush();
});
When("it is resized to {size}", async function (this: Kit, sizeBytes: number) {
  await this.current.resize(sizeBytes);
  assert.equal(this.current.layer.sizeBytes, sizeBytes);
});
When(
  "it is resized to {size} while {int} writes are under way",
  async function (this: Kit, sizeBytes: number, count: number) {
    const it = this.current;
    const write = (index: number) =>
      it.write(index * sector, Buffer.from(pattern("beside", index * sector, sector)));
    const first = Array.from({ length: count }, (_, index) => write(index));
    const resizing = it.layer.resize(sizeBytes);
    const second = Array.from({ length: count }, (_, index) => write(count + index));
    await Promise.all([...first, resizing, ...second]);
    it.resized(sizeBytes);
  },
);
When("it is closed and opened as if it were {size} long", async function (this: Kit, sizeBytes: number) {
  await this.current.close();
  await this.current.open({ sizeBytes });
});
When("it is closed", async function (this: Kit) {
  await this.current.close();
});
When("it is closed and opened again", async function (this: Kit) {
  await this.current.close();
  await this.current.open();
});
When("it is closed and opened for reading only", async function (this: Kit) {
  await this.current.close();
  await this.current.open({ readOnly: true });
});
When("it is closed while {int} writes are under way", async function (this: Kit, count: number) {
  const { layer, expected } = this.current;
  let ended = 0;
  const writes = Array.from({ length: count }, async (_, index) => {
    const bytes = Buffer.from(pattern("late", index * sector, sector));
    await layer.write(index * sector, bytes);
    expected.set(bytes, index * sector);
    ended++;
  });
  await layer.close();
  // What ended in the same turn may still have to tell its caller.
  await new Promise(setImmediate);
  assert.equal(ended, count, "close answered while writes were under way");
  await Promise.all(writes);
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
When(
  "{int} random operations are made, up to {int} at once",
  async function (this: Kit, count: number, atOnce: number) {
    this.log(`seed ${this.parameters.seed}`);
    await runRandomOperations(this.current, { count, atOnce, random: random(this.parameters.seed) });
  },
);

Then("it reads as it was written", async function (this: Kit) {
  const offset = await this.current.difference();
  assert.equal(offset, undefined, `it differs at ${offset} (seed ${this.parameters.seed})`);
});
Then("each of them reads as it was written", async function (this: Kit) {
  for (const layer of this.layers.values()) assert.equal(await layer.difference(), undefined, layer.name);
});
Then(
  "each sector of the first {size} comes whole from one of them",
  async function (this: Kit, length: number) {
    for (let offset = 0; offset < length; offset += sector) {
      const [first = 0, ...rest] = await this.current.read(offset, sector);
      assert.ok(first > 0 && rest.every((byte) => byte === first), `the sector at ${offset} is mixed`);
    }
  },
);
Then("any range of it reads as it was written", async function (this: Kit) {
  const { current, parameters } = this;
  const pick = random(parameters.seed);
  for (let count = 0; count < 100; count++) {
    const first = pick(current.sizeBytes / sector);
    const offset = first * sector;
    const length = (1 + pick(Math.min(64, current.sizeBytes / sector - first))) * sector;
    const wanted = current.expected.slice(offset, length);
    assert.ok(
      Buffer.compare(await current.read(offset, length), wanted) === 0,
      `${length} bytes at ${offset}`,
    );
  }
});
Then(
  "its extents from {size} on for {size} have no gap and hide no data",
  async function (this: Kit, start: number, length: number) {
    const { layer, expected } = this.current;
    let end = start;
    for await (const extent of layer.extents(start, length)) {
      assert.equal(extent.offset, end, "an extent begins where the one before it ends");
      assert.ok(extent.length > 0, "no extent is empty");
      end += extent.length;
      const hidden =
        extent.kind !== "data" && expected.slice(extent.offset, extent.length).some((byte) => byte !== 0);
      assert.ok(!hidden, `data at ${extent.offset} is called ${extent.kind satisfies Extent["kind"]}`);
    }
    assert.equal(end, start + length, "the last extent ends where the range does");
  },
);
