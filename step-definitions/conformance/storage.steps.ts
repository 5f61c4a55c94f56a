import assert from "node:assert/strict";
import type { DatastoreTask, FaultKind } from "pagurus/conformance";
import { Given, Then, When } from "pagurus/steps";
import { Host } from "./durability/host.ts";
import { SECTOR_BYTES } from "./durability/known-layer.ts";
import { KnownLayers } from "./durability/known-layers.ts";
import { PROCESS_MS } from "./durability/processes.ts";
import type { Kit } from "./world.ts";

const outcomeText = (code: string | undefined): string =>
  code === undefined ? "was answered as done" : `was refused as ${code}`;

const skippedUnless = (done: boolean): "skipped" | undefined => (done ? undefined : "skipped");

Given("a host whose storage will fail", { timeout: PROCESS_MS }, async function (this: Kit) {
  await this.part(Host).start();
});
for (const [words, kind] of Object.entries({
  "has no room left": "full",
  "fails to write": "failing writes",
  "fails to read": "failing reads",
  "fails to sync": "failing syncs",
  "hangs up on it": "failing syncs",
  "is slow to sync": "slow syncs",
} as const satisfies Record<string, FaultKind>))
  When(`the host's storage ${words}`, async function (this: Kit) {
    return skippedUnless(await this.part(Host).fail(kind));
  });
When("the host's storage is sound again", async function (this: Kit) {
  return skippedUnless(await this.part(Host).recover());
});
When("the host opens the layer again", async function (this: Kit) {
  const host = this.part(Host);
  await host.close();
  await host.openLayer();
});

When("the host tries to write {size} at {size}", async function (this: Kit, length: number, offset: number) {
  const host = this.part(Host);
  await host.try(host.freshWrite(offset, length));
  await host.try({ do: "flush", layer: host.layer });
});
When("the host tries to flush", async function (this: Kit) {
  const host = this.part(Host);
  await host.try({ do: "flush", layer: host.layer });
});

/** A store may tell at a write or, where it keeps writes back, at the flush that covers it. */
const writeThenFlush = async (host: Host): Promise<string | undefined> => {
  const { code } = await host.try(host.freshWrite(0, 8 * SECTOR_BYTES));
  return code ?? (await host.try({ do: "flush", layer: host.layer })).code;
};

Then("the host is refused a write, or its flush, as {word}", async function (this: Kit, wanted: string) {
  const host = this.part(Host);
  const code = await writeThenFlush(host);
  // Where nothing met the fault, the next step says so.
  if (code === undefined && !(await host.recover())) return "skipped";
  assert.equal(
    code,
    wanted,
    `a write that its storage refused must be refused as ${wanted}, or its flush; it ${outcomeText(code)}`,
  );
  return undefined;
});
Then("the host is refused a flush as {word}", async function (this: Kit, wanted: string) {
  const host = this.part(Host);
  const { code } = await host.try({ do: "flush", layer: host.layer });
  assert.equal(code, wanted, `the flush must be refused as ${wanted}; it ${outcomeText(code)}`);
});
Then("the host is refused to read the layer as {word}", async function (this: Kit, wanted: string) {
  const host = this.part(Host);
  const range = { offset: 0, length: host.sizeBytes, mark: 0 };
  const { code } = await host.try({ do: "read", layer: host.layer, ...range });
  if (code === undefined && !(await host.recover())) return "skipped";
  assert.equal(
    code,
    wanted,
    `a read that storage refused must be refused as ${wanted}, never answered with other bytes; it ${outcomeText(code)}`,
  );
  return undefined;
});

const changes: Readonly<Record<string, (host: Host, kit: Kit) => DatastoreTask>> = {
  "make another layer": (_, kit) => ({
    do: "create",
    layer: kit.layer("another").name,
    sizeBytes: 64 * 1024,
    stamp: { disk: "disk-2", epoch: 1, state: "owner" },
  }),
  "stamp the layer": ({ layer }) => ({
    do: "stamp",
    layer,
    stamp: { disk: "disk-1", epoch: 2, state: "former" },
  }),
};
for (const [words, taskOf] of Object.entries(changes))
  Then(`the host is not told that it could ${words}`, async function (this: Kit) {
    const host = this.part(Host);
    const { code } = await host.try(taskOf(host, this));
    if (code === undefined && !(await host.recover())) return "skipped";
    assert.notEqual(
      code,
      undefined,
      `to ${words} was answered, though storage has refused to make it durable`,
    );
    return undefined;
  });

Then("the layer holds what the host has written", async function (this: Kit) {
  const host = this.part(Host);
  const known = KnownLayers.after(host.marks, host.process.tasks).of(host.layer);
  const { answer, code } = await host.try({
    ...{ do: "read", layer: host.layer, offset: 0, length: host.sizeBytes, mark: 0 },
  });
  assert.equal(code, undefined, `it must be readable; it was refused as ${code}`);
  for (const [sector, mark] of (answer ?? []).entries())
    assert.ok(
      known.marks(sector).includes(Number(mark)),
      `byte ${sector * SECTOR_BYTES} begins a sector that holds ${mark}, which was never written there, or an older write than what was flushed`,
    );
});
Then("the host can write and flush", async function (this: Kit) {
  const host = this.part(Host);
  await host.write(0, 8 * SECTOR_BYTES);
  await host.flush();
});
Then("the host closes the layer while it flushes, and is answered in that order", async function (this: Kit) {
  const host = this.part(Host);
  const ended: string[] = [];
  const end = (task: string) => () => {
    ended.push(task);
  };
  await Promise.all([host.flush().then(end("flush")), host.close().then(end("close"))]);
  assert.deepEqual(ended, ["flush", "close"], "close was answered while a flush was under way");
});
