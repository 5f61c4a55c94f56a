import assert from "node:assert/strict";
import { CodedError } from "pagurus";
import { type DatastoreTask, markedBytes } from "pagurus/conformance";
import { Then, When } from "pagurus/steps";
import { refusalOf } from "./datastore/refusal.ts";
import { OtherHost } from "./durability/other-host.ts";
import { PROCESS_MS } from "./durability/processes.ts";
import { pattern } from "./model.ts";
import type { Kit } from "./world.ts";

const demandDone = async (kit: Kit, task: DatastoreTask): Promise<void> => {
  const { code } = await kit.part(OtherHost).ask(task);
  assert.equal(
    code,
    undefined,
    `the host that has taken the layer over must ${task.do} it; it was refused as ${code}`,
  );
};

When("another host opens it", { timeout: PROCESS_MS }, async function (this: Kit) {
  const { name: layer, sizeBytes } = this.current;
  const { code } = await this.part(OtherHost).ask({ do: "open", layer, sizeBytes });
  if (code === "layer-in-use" && this.parameters.otherHost === undefined) {
    this.log("needs --other-host, which says what is configured otherwise on another host");
    return "skipped";
  }
  assert.equal(
    code,
    undefined,
    `another host must be let in where somebody writes to the layer; it was refused as ${code}`,
  );
  return undefined;
});
When("the other host closes it", async function (this: Kit) {
  await demandDone(this, { do: "close", layer: this.current.name });
});
// Whether a write is refused at once or at its flush is up to the store.
When(
  "its former writer tries to write {size} at {size}",
  async function (this: Kit, length: number, offset: number) {
    const refusal = await refusalOf(() => this.current.layer.write(offset, pattern("late", offset, length)));
    if (refusal !== undefined && !CodedError.is(refusal)) throw refusal;
  },
);
When("its former writer tries to flush", async function (this: Kit) {
  const refusal = await refusalOf(() => this.current.layer.flush());
  if (refusal !== undefined && !CodedError.is(refusal)) throw refusal;
});

Then("its former writer is refused a flush", async function (this: Kit) {
  const refusal = await refusalOf(() => this.current.layer.flush());
  assert.ok(
    CodedError.is(refusal),
    refusal === undefined
      ? "a flush was answered as done after another host had taken the layer over; what it covers is gone"
      : `a flush after another host has taken the layer over is refused with a code; it failed with ${refusal}`,
  );
});
Then(
  "the other host can write {size} of {int} at {size} and flush",
  async function (this: Kit, length: number, mark: number, offset: number) {
    const { name: layer, expected } = this.current;
    await demandDone(this, { do: "write", layer, offset, length, mark });
    await demandDone(this, { do: "flush", layer });
    expected.set(markedBytes(length, mark), offset);
  },
);
