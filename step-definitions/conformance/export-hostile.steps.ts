import assert from "node:assert/strict";
import { Then, When } from "pagurus/steps";
import { ExportUnderTest } from "./export/export-under-test.ts";
import type { GuestClient } from "./export/guest-client.ts";
import { inTime } from "./export/in-time.ts";
import type { Kit } from "./world.ts";

const garbageBytes = 64 * 1024;
/** How often a client of another disk is served before what isn't asked for will not be. */
const patience = 10;

const part = (kit: Kit) => kit.part(ExportUnderTest);

const bytesRead = (kit: Kit): number => part(kit).disk.started.reduce((sum, { length }) => sum + length, 0);

/** Lets somebody in who does that and is gone. */
const misbehave = async (kit: Kit, deed: (client: GuestClient) => void) => {
  const { uri, clients } = part(kit).place;
  const stranger = await inTime(clients.connect(uri), "a second client was to be let in");
  deed(stranger);
  await part(kit).fence();
  stranger.vanish();
  await part(kit).fence();
};

When("somebody sends garbage instead of a greeting", async function (this: Kit) {
  const { uri, clients } = part(this).place;
  const socket = await inTime(clients.dial(uri), "a connection was to be accepted");
  // It may be hung up on before it has sent everything.
  socket.on("error", () => undefined);
  socket.end(Buffer.alloc(garbageBytes, 0xa5));
  socket.resume();
  await part(this).fence();
  socket.destroy();
});
When("somebody sends garbage instead of a request", function (this: Kit) {
  return misbehave(this, (client) => client.sendGarbage());
});
When("somebody sends the head of a write without end", function (this: Kit) {
  return misbehave(this, (client) => client.sendOversize());
});
When("a client asks for {size} and takes no answers", async function (this: Kit, bytes: number) {
  const { uri, clients } = part(this).place;
  const greedy = await inTime(clients.takeNothing(uri, bytes), "a client was to be answered");
  for (let before = -1, quiet = 0; quiet < patience; quiet++) {
    const read = bytesRead(this);
    if (read !== before) quiet = 0;
    before = read;
    await part(this).fence();
  }
  greedy.leave();
});

Then("at most {size} were read from the exported disk", function (this: Kit, limit: number) {
  const read = bytesRead(this);
  assert.ok(read <= limit, `${read} bytes were read for a client that takes none; ${limit} are enough`);
});
