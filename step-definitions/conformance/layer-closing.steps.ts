import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { When } from "pagurus/steps";
import type { Kit } from "./world.ts";

const page = 4096;
/** What all writes that are under way at once hold: which of them is late makes no difference. */
const fill = 171;

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
When("it is closed, opened again, and closed once more by whoever had it first", async function (this: Kit) {
  const first = this.current.layer;
  await this.current.close();
  await this.current.open();
  await first.close();
});
When(
  "it is closed while {int} writes, {int} reads and {int} zeroes are under way",
  async function (this: Kit, writes: number, reads: number, zeroes: number) {
    const { layer, expected } = this.current;
    const started = [
      ...Array.from({ length: writes }, (_, index) => async () => {
        await layer.write(index * page, new Uint8Array(page).fill(fill));
        expected.set(new Uint8Array(page).fill(fill), index * page);
      }),
      ...Array.from({ length: reads }, () => async () => {
        await layer.read(0, new Uint8Array(layer.sizeBytes));
      }),
      ...Array.from({ length: zeroes }, (_, index) => async () => {
        await layer.zero((writes + index) * page, page);
      }),
    ];
    let ended = 0;
    const operations = Promise.allSettled(
      started.map(async (start) => {
        await start();
        ended++;
      }),
    );
    await layer.close();
    // What ended in the same turn may still have to tell its caller.
    await setImmediate();
    const left = started.length - ended;
    await operations;
    assert.ok(left === 0, `close answered while ${left} of ${started.length} operations were under way`);
    await this.current.close();
  },
);
