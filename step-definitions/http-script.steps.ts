import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Then, When } from "pagurus/steps";
import { likeness } from "./support/likeness.ts";
import { LocalServer } from "./support/local-server.ts";
import { Script } from "./support/script.ts";
import type { Lab } from "./world.ts";

When(
  "a script posts {json} to {word} and follows its Location",
  async function (this: Lab, body: string, path: string) {
    const { url } = this.part(LocalServer);
    const token = (await readFile(join(this.dataDir, "token"), "utf8")).trim();
    await this.part(Script).postAndFollow({ url, token, path, body });
  },
);

Then("the script has read {json}", function (this: Lab, json: string) {
  const expected: unknown = JSON.parse(json);
  assert.deepEqual(likeness(this.part(Script).read, expected), expected);
});
