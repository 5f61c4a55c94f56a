import assert from "node:assert/strict";
import { markedBytes } from "pagurus/conformance";
import { Then, When } from "pagurus/steps";
import { PROCESS_MS } from "./durability/processes.ts";
import type { Kit } from "./world.ts";

const last = (kit: Kit) => {
  const other = kit.others.at(-1);
  if (!other) throw new Error("the scenario has no other process");
  return other;
};

When("another process opens it", { timeout: PROCESS_MS }, async function (this: Kit) {
  const other = await this.otherProcess();
  const { name: layer, sizeBytes } = this.current;
  assert.deepEqual(await other.ask({ do: "open", layer, sizeBytes }), {});
});
When(
  "the other process writes {size} of {int} at {size}",
  async function (this: Kit, length: number, mark: number, offset: number) {
    const layer = this.current.name;
    assert.deepEqual(await last(this).ask({ do: "write", layer, offset, length, mark }), {});
    this.current.expected.set(markedBytes(length, mark), offset);
  },
);
When("the other process resizes it to {size}", async function (this: Kit, sizeBytes: number) {
  assert.deepEqual(await last(this).ask({ do: "resize", layer: this.current.name, sizeBytes }), {});
  this.current.resized(sizeBytes);
});
When("the other process flushes it", async function (this: Kit) {
  assert.deepEqual(await last(this).ask({ do: "flush", layer: this.current.name }), {});
});
When("the other process is killed", { timeout: PROCESS_MS }, async function (this: Kit) {
  await last(this).kill();
});
When("it is opened for reading only", async function (this: Kit) {
  await this.current.open({ readOnly: true });
});
When("it is opened again", async function (this: Kit) {
  await this.current.open();
});

Then(
  "another process is refused it as {word}",
  { timeout: PROCESS_MS },
  async function (this: Kit, code: string) {
    const other = await this.otherProcess();
    const { name: layer, sizeBytes } = this.current;
    assert.deepEqual(
      await other.ask({ do: "open", layer, sizeBytes }),
      { code },
      `a writer in another process must be refused as ${code}`,
    );
  },
);
Then(
  "another process finds {int} layer(s)",
  { timeout: PROCESS_MS },
  async function (this: Kit, count: number) {
    const { answer } = await (await this.otherProcess()).ask({ do: "list" });
    assert.equal(answer?.length, count);
  },
);
