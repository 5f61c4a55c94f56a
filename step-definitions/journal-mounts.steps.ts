import assert from "node:assert/strict";
import { CodedError, type Disk } from "pagurus";
import { defineParameterType, Given, Then, When } from "pagurus/steps";
import { NbdClient } from "pagurus/testing";
import { random } from "./conformance/random.ts";
import { Buckets } from "./support/buckets.ts";
import { JournalMount } from "./support/journal-mount.ts";
import { LocalServer } from "./support/local-server.ts";
import { NumberedWrites } from "./support/numbered-writes.ts";
import type { Lab, LabPart } from "./world.ts";

const timeout = 120_000;

/** The one client of the scenario's disk. */
class Client implements LabPart {
  readonly writes = new NumberedWrites(random(1));
  readonly #server: LocalServer;
  #nbd: NbdClient | undefined;

  constructor(lab: Lab) {
    this.#server = lab.part(LocalServer);
  }

  /** Connected, anew where it lost its connection. */
  async connected(disk: string): Promise<NbdClient> {
    this.#nbd ??= await NbdClient.connect(await this.#server.uriOf(disk));
    return this.#nbd;
  }

  async end(): Promise<void> {
    this.#nbd?.destroy();
    await this.#nbd?.closed;
    this.#nbd = undefined;
  }
}

Given(
  "{string} has a journal on a file system of its own of {size}",
  async function (this: Lab, id: string, size: number) {
    const journal = this.part(JournalMount);
    await journal.begin(size);
    this.part(Buckets).configure(id, { journal: journal.path });
  },
);

Given(
  "the server's disk {string} of {size} in {string}, and a client that counts its writes",
  async function (this: Lab, name: string, sizeBytes: number, datastore: string) {
    await this.part(LocalServer).call("disks.create", { name, sizeBytes, datastore });
  },
);

When(
  "the counting client of {string} writes and flushes {int} times",
  { timeout },
  async function (this: Lab, disk: string, times: number) {
    const client = this.part(Client);
    await client.writes.writeAndFlush(await client.connected(disk), times);
  },
);

type Deed = (journal: JournalMount) => Promise<void>;

const deeds: Readonly<Record<string, Deed>> = {
  "is detached": (journal) => journal.detach(),
  "is covered by an empty one": (journal) => journal.cover(),
  "is full": (journal) => journal.fill(),
  "has room again": (journal) => journal.makeRoom(),
  "is read-only": (journal) => journal.setWritable("ro"),
  "is writable again": (journal) => journal.setWritable("rw"),
  "is back": (journal) => journal.attach(),
  "is uncovered": (journal) => journal.detach(),
};

defineParameterType({
  name: "happening",
  regexp: new RegExp(Object.keys(deeds).join("|")),
  transformer: (what: string) => deeds[what],
});

When(
  "the file system of the journal {happening}, while the client of {string} writes until it is refused with {word}",
  { timeout },
  async function (this: Lab, happens: Deed, disk: string, errno: string) {
    const client = this.part(Client);
    const refused = client.writes.writeUntilRefused(await client.connected(disk));
    await happens(this.part(JournalMount));
    assert.equal(await refused, errno);
  },
);

When("the file system of the journal {happening}", async function (this: Lab, happens: Deed) {
  await happens(this.part(JournalMount));
});

When(
  "the counting client of {string} writes on, and is refused with {word}",
  { timeout },
  async function (this: Lab, disk: string, errno: string) {
    const client = this.part(Client);
    assert.equal(await client.writes.writeUntilRefused(await client.connected(disk)), errno);
  },
);

Then("nothing more of {string} is answered to it", async function (this: Lab, disk: string) {
  const nbd = await this.part(Client).connected(disk);
  for (const call of [() => nbd.flush(), () => nbd.write(0, Buffer.alloc(4096, 1)), () => nbd.flush()])
    await assert.rejects(call, (error) => CodedError.is(error, "nbd-error"));
});

When("the server's {string} is reopened", { timeout }, async function (this: Lab, name: string) {
  await this.part(Client).end();
  const { state } = await this.part(LocalServer).call<Disk>("disks.reopen", { name, force: true });
  assert.equal(state, "available");
});

Then(
  "the server's {string} cannot be reopened: {word}, and that names the journal",
  { timeout },
  async function (this: Lab, name: string, code: string) {
    await this.part(Client).end();
    const server = this.part(LocalServer);
    await assert.rejects(() => server.call("disks.reopen", { name, force: true }));
    // Of the call, and of the disk.
    for (const { sentence } of [await server.expectReport(code), await server.expectReport(code)])
      assert.ok(sentence.includes(this.part(JournalMount).path), sentence);
  },
);

Then(
  "the counting client finds all of {string} that it had flushed, and what else is there of its writes is in order",
  { timeout },
  async function (this: Lab, disk: string) {
    const client = this.part(Client);
    await client.end();
    this.log(await client.writes.look(await client.connected(disk)));
  },
);
