import assert from "node:assert/strict";
import { CodedError, Datastore, type Layer } from "pagurus";
import { Then } from "pagurus/steps";
import type { Kit } from "./world.ts";

/** Two ask one instance, two another; layers that live in one process have one instance that knows of them. */
const instancesFor = async (kit: Kit, count: number): Promise<readonly Datastore[]> => {
  const other = kit.declared["process-local"] ? kit.datastore : (await kit.open()).get(Datastore);
  return Array.from({ length: count }, (_, index) => (index % 2 === 0 ? kit.datastore : other));
};

Then(
  "of {int} who open it in the same instant one is let in and the others are refused as layer-in-use",
  async function (this: Kit, count: number) {
    const { name, sizeBytes } = this.current;
    const instances = await instancesFor(this, count);
    const ends = await Promise.allSettled(instances.map((one) => one.open(name, { sizeBytes })));
    const writers: Layer[] = [];
    for (const end of ends)
      if (end.status === "fulfilled") writers.push(end.value);
      else if (!CodedError.is(end.reason, "layer-in-use")) throw end.reason;
    for (const writer of writers) await writer.close();
    assert.equal(writers.length, 1, `${writers.length} of ${count} writers were let in; it must be one`);
  },
);
