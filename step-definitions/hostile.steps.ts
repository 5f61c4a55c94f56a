import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { z } from "pagurus";
import { type DataTable, Then, When } from "pagurus/steps";
import { NbdClient } from "pagurus/testing";
import { letInAtLast } from "./support/let-in.ts";
import { LocalServer } from "./support/local-server.ts";
import { PYTHON } from "./support/python.ts";
import { RudeCompany } from "./support/rude-company.ts";
import type { Lab, LabPart } from "./world.ts";

const script = fileURLToPath(new URL("./support/misuse.py", import.meta.url));
const Answers = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const BLOCK_BYTES = 4096;
const FlagAnswers = z.record(z.string(), z.object({ takes: z.string(), others: z.string() }));

/** What the client that broke the rules was told. */
class Misuse implements LabPart {
  readonly #lab: Lab;
  told: unknown;

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  async run(disk: string, kind: "flags" | "ranges" | "overlap" | "handles"): Promise<void> {
    const server = this.#lab.part(LocalServer);
    this.told = JSON.parse(await server.tool(PYTHON, [script, await server.uriOf(disk, "nbd+unix"), kind]));
  }

  async end(): Promise<void> {}
}

When("a client of {string} tries all 16 flags with every command", async function (this: Lab, disk: string) {
  await this.part(Misuse).run(disk, "flags");
});
When("a client of {string} asks for ranges that it may not", async function (this: Lab, disk: string) {
  await this.part(Misuse).run(disk, "ranges");
});
When(
  "a client of {string} has 64 writes over one another in flight",
  async function (this: Lab, disk: string) {
    await this.part(Misuse).run(disk, "overlap");
  },
);
When(
  "a client of {string} uses one handle for several requests at once, and sends what is no request",
  async function (this: Lab, disk: string) {
    await this.part(Misuse).run(disk, "handles");
  },
);

When(
  "{int} clients of {string} begin a handshake and never end it",
  async function (this: Lab, count: number, disk: string) {
    await this.part(RudeCompany).holdHandshakes(disk, count);
  },
);
When(
  "a client of {string} asks for {size} in all and takes no reply",
  async function (this: Lab, disk: string, bytes: number) {
    await this.part(RudeCompany).takeNoReplies(disk, bytes);
  },
);
When("{int} clients of {string} come at once", async function (this: Lab, count: number, disk: string) {
  await this.part(RudeCompany).crowd(disk, count);
});
When("they all leave", function (this: Lab) {
  this.part(RudeCompany).leave();
});

Then("{int} of them are served, and the others turned away", function (this: Lab, count: number) {
  const { served, turnedAway } = this.part(RudeCompany);
  assert.equal(served, count);
  assert.ok(turnedAway > 0);
});
Then("a new client of {string} reads and writes", async function (this: Lab, disk: string) {
  const uri = await this.part(LocalServer).uriOf(disk);
  const client = await letInAtLast(() => NbdClient.connect(uri));
  try {
    await client.write(0, Buffer.alloc(BLOCK_BYTES, 7));
    assert.deepEqual(await client.read(0, BLOCK_BYTES), Buffer.alloc(BLOCK_BYTES, 7));
  } finally {
    client.destroy();
  }
});
Then("the client of {string} writes on and finds everything", async function (this: Lab, disk: string) {
  const guest = this.part(LocalServer).guestOf(disk);
  for (let at = 0; at < guest.image.acknowledged.length; at += 64 * BLOCK_BYTES)
    await guest.write(at, Buffer.alloc(BLOCK_BYTES, this.nextNumber()));
  assert.deepEqual(await guest.wrongBlocks(), []);
});
Then("the server's memory has grown by less than {size}", async function (this: Lab, bytes: number) {
  const grown = await this.part(RudeCompany).memoryGrowthBytes();
  assert.ok(grown < bytes, `it has grown by ${Math.round(grown / 2 ** 20)} MiB`);
});

Then("it is told:", function (this: Lab, table: DataTable) {
  const told = Object.entries(Answers.parse(this.part(Misuse).told));
  assert.deepEqual(
    told.map(([what, answer]) => [what, String(answer)]),
    table.raw(),
  );
});
Then("each is answered so:", function (this: Lab, table: DataTable) {
  const told = Object.entries(FlagAnswers.parse(this.part(Misuse).told));
  assert.deepEqual(
    told.map(([command, { takes }]) => ({ command, takes })),
    table.hashes(),
  );
});
Then("every other flag was refused with EINVAL", function (this: Lab) {
  for (const [command, { others }] of Object.entries(FlagAnswers.parse(this.part(Misuse).told)))
    assert.equal(others, "EINVAL", command);
});
