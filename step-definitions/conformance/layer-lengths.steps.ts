import assert from "node:assert/strict";
import { Then, When } from "pagurus/steps";
import type { Kit } from "./world.ts";

const page = 4096;
/** What all writes that are under way at once hold: which of them is late makes no difference. */
const fill = 171;

/** How many pages the writes beside a resize have filled. */
class WrittenBeside {
  pages = 0;
}

When("it is resized to {size}", async function (this: Kit, sizeBytes: number) {
  await this.current.resize(sizeBytes);
  assert.equal(this.current.layer.sizeBytes, sizeBytes, "the open layer has another length");
});
When(
  "it is resized to {size} while {int} writes before it and {int} after it are under way",
  async function (this: Kit, sizeBytes: number, before: number, after: number) {
    const it = this.current;
    const write = (index: number) => it.write(index * page, new Uint8Array(page).fill(fill));
    const first = Array.from({ length: before }, (_, index) => write(index));
    const resizing = it.layer.resize(sizeBytes);
    const second = Array.from({ length: after }, (_, index) => write(before + index));
    await Promise.all([...first, resizing, ...second]);
    it.resized(sizeBytes);
    this.part(WrittenBeside).pages = before + after;
  },
);
When("it is closed and opened as if it were {size} long", async function (this: Kit, sizeBytes: number) {
  await this.current.close();
  await this.current.open({ sizeBytes });
});

Then("those writes are there", async function (this: Kit) {
  const { pages } = this.part(WrittenBeside);
  for (let index = 0; index < pages; index++) {
    const found = await this.current.read(index * page, page);
    assert.ok(
      found.every((byte) => byte === fill),
      `write ${index + 1} of ${pages} was answered, and byte ${index * page} is ${found[0]}`,
    );
  }
});
