import assert from "node:assert/strict";
import { closeSync } from "node:fs";
import { CodedError, DiskExport } from "pagurus";
import { openPlugin } from "pagurus/conformance";
import { Given, Then, When } from "pagurus/steps";
import { ExportUnderTest } from "./export/export-under-test.ts";
import { inTime } from "./export/in-time.ts";
import type { Kit } from "./world.ts";

const part = (kit: Kit) => kit.part(ExportUnderTest);

/** Where the kit has no client for the address the scenario isn't run, and says why. */
const listen = async (kit: Kit) => {
  const unreachable = await part(kit).listen();
  if (unreachable === undefined) return undefined;
  kit.log(unreachable);
  return "skipped";
};

Given("a shared address", function (this: Kit) {
  return listen(this);
});

When("a client connects to the shared address", async function (this: Kit) {
  await part(this).connect(part(this).sharedPlace());
});
When("each exported disk gets a client of the shared address", async function (this: Kit) {
  const verdict = await listen(this);
  if (verdict !== undefined) return verdict;
  for (const { disk } of part(this).attached) await part(this).connect(part(this).sharedPlace(disk));
  return undefined;
});
When("a client asks at the shared address what there is", async function (this: Kit) {
  const { uri, clients } = part(this).sharedPlace();
  part(this).found = await inTime(clients.list(uri), "the names were to be told");
});
When(
  "the exported disk grows to {size} as soon as a client is handed over",
  function (this: Kit, sizeBytes: number) {
    part(this).onHandOver = async (adopt) => {
      part(this).disk.grow(sizeBytes);
      adopt();
    };
  },
);
When("nobody can be handed over", function (this: Kit) {
  part(this).onHandOver = async (_, fd) => {
    closeSync(fd);
    throw new CodedError("disk-closed", { disk: part(this).disk.name });
  };
});

Then("a client of the shared address is hung up on", async function (this: Kit) {
  const { uri, clients } = part(this).sharedPlace();
  const coming = clients.connect(uri).then(
    async (client) => {
      part(this).clients.push(client);
      await client.closed;
    },
    // Before it was told anything: that is being hung up on, too.
    () => undefined,
  );
  await inTime(coming, "a client that can't be handed to its disk was to be hung up on");
});
Then("the export can't be asked to listen for all disks", async function (this: Kit) {
  const control = await openPlugin(this.request, "control");
  this.opened.push(control);
  assert.equal(
    typeof control.get(DiskExport).listen,
    "undefined",
    "it has a `listen`, and doesn't declare shared-address",
  );
});
