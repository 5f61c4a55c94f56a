import assert from "node:assert/strict";
import { CodedError } from "pagurus";
import { Then, When } from "pagurus/steps";
import { NbdClient } from "pagurus/testing";
import { BLOCK_BYTES } from "./lab/blocks.ts";
import { Rehearsal } from "./lab/rehearsal.ts";
import { commands, numberOf, optionReplies, options } from "./support/nbd-numbers.ts";
import { FILLING, NbdTalk } from "./support/nbd-talk.ts";
import type { Lab } from "./world.ts";

When(
  "it sends {word} again and again while the server is stopped",
  async function (this: Lab, option: string) {
    const talk = this.part(NbdTalk);
    const stopped = this.stop();
    do await talk.ask(numberOf(options, option));
    while (talk.replies.at(-1)?.type === optionReplies["ACK"]);
    await stopped;
  },
);

When("it says DISC with a write still unanswered", async function (this: Lab) {
  const talk = this.part(NbdTalk);
  talk.writing = talk.client.write(0, Buffer.alloc(BLOCK_BYTES, FILLING));
  await talk.client.disconnect();
});

When("it says DISC", async function (this: Lab) {
  await this.part(NbdTalk).client.disconnect();
});

When(
  "it asks to write block {int}, which {string} keeps waiting",
  async function (this: Lab, block: number, datastore: string) {
    const talk = this.part(NbdTalk);
    await this.part(Rehearsal).keepGuestWaiting({ datastore, operation: "write", block }, async () => {
      talk.writing = talk.client.write(block * BLOCK_BYTES, Buffer.alloc(BLOCK_BYTES, FILLING));
    });
  },
);

/** Resolves when nobody is let in any more. */
const closedToNewClients = async (uri: string): Promise<void> => {
  for (;;)
    try {
      await (await NbdClient.connect(uri)).disconnect();
    } catch (error) {
      // Not reached, or told so in the middle of the handshake.
      if (CodedError.is(error, "peer-lost") || CodedError.is(error, "nbd-protocol-broken")) return;
      throw error;
    }
};

/** As far as clients can see it: from then on what they ask comes late. */
When("the server of {string} begins to stop", async function (this: Lab, disk: string) {
  const talk = this.part(NbdTalk);
  const uri = await talk.uriOf(disk);
  talk.stopped = this.stop();
  await closedToNewClients(uri);
});

When("it asks to read block {int}, too late", function (this: Lab, block: number) {
  const talk = this.part(NbdTalk);
  const head = { command: numberOf(commands, "READ"), offset: block * BLOCK_BYTES, length: BLOCK_BYTES };
  talk.late = talk.request(head);
});

Then("the write is answered", async function (this: Lab) {
  await this.part(NbdTalk).writing;
});

Then("the write is answered, and it is hung up on", async function (this: Lab) {
  const { client, writing } = this.part(NbdTalk);
  await writing;
  await client.closed;
});

Then("the read was left unanswered", async function (this: Lab) {
  const talk = this.part(NbdTalk);
  await talk.late;
  assert.equal(talk.answer, "hung up on");
});

Then("the server has stopped", async function (this: Lab) {
  await this.part(NbdTalk).stopped;
});
