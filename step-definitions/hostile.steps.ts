import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { z } from "pagurus";
import { type DataTable, Then, When } from "pagurus/steps";
import { LocalServer } from "./support/local-server.ts";
import { PYTHON } from "./support/python.ts";
import type { Lab, LabPart } from "./world.ts";

const script = fileURLToPath(new URL("./support/misuse.py", import.meta.url));
const Answers = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
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
