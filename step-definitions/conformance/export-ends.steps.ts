import assert from "node:assert/strict";
import { Given, Then, When } from "pagurus/steps";
import { ExportUnderTest } from "./export/export-under-test.ts";
import { inTime } from "./export/in-time.ts";
import { leftIn, leftInTheEnd } from "./export/leftovers.ts";
import type { Kit } from "./world.ts";

const part = (kit: Kit) => kit.part(ExportUnderTest);

/** The last disk is let go with a client on it. */
const comeAndGo = async (kit: Kit) => {
  await part(kit).connect();
  await part(kit).letGo(part(kit).current);
  await inTime(part(kit).client.closed, "a client of a disk that is let go was to be hung up on");
};

Given("an exported disk of {size} that has come and gone", async function (this: Kit, sizeBytes: number) {
  await part(this).attach(sizeBytes);
  const { unreachable } = part(this);
  if (unreachable !== undefined) {
    this.log(unreachable);
    return "skipped";
  }
  await comeAndGo(this);
  part(this).left = await leftIn(this.folder);
  return undefined;
});

When("an exported disk is let go with a client on it", async function (this: Kit) {
  await part(this).attach(part(this).disk.sizeBytes);
  await comeAndGo(this);
});
When("the export is closed", async function (this: Kit) {
  await part(this).letGo(part(this).current);
});
When("the export is closed while the exported disk catches up", async function (this: Kit) {
  const closed = part(this).letGo(part(this).current);
  part(this).disk.catchUp();
  await closed;
});
When("the exported disk is exported again", async function (this: Kit) {
  await part(this).attachAgain();
});

Then("there are as many files and descriptors as before", async function (this: Kit) {
  const before = part(this).left;
  assert.ok(before, "nothing was counted before");
  const left = await leftInTheEnd(this.folder, before);
  const news = left.files.filter((file) => !before.files.includes(file));
  assert.equal(news.join(", "), "", "a closed export left files behind");
  assert.ok(
    left.descriptors <= before.descriptors,
    `a closed export left ${left.descriptors - before.descriptors} descriptors open`,
  );
});
Then("nobody can connect any more", async function (this: Kit) {
  const { uri, clients } = part(this).place;
  const coming = clients.dial(uri).then(
    (socket) => {
      socket.destroy();
      return "connected";
    },
    () => "refused",
  );
  assert.equal(
    await inTime(coming, "a client was to be refused"),
    "refused",
    `a client could connect to ${uri}`,
  );
});
