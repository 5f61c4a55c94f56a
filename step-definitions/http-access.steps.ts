import assert from "node:assert/strict";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { Then, When } from "pagurus/steps";
import { HttpDoor, type Route } from "./support/http-door.ts";
import type { Lab } from "./world.ts";

When("somebody without a token asks {request}", async function (this: Lab, request: Route) {
  await this.part(HttpDoor).ask({ ...request, headers: { authorization: "" } });
});
When("somebody with another server's token asks {request}", async function (this: Lab, request: Route) {
  const authorization = "Bearer pag_somebody-elses";
  await this.part(HttpDoor).ask({ ...request, headers: { authorization } });
});

Then("only the owner of the server can read its token", async function (this: Lab) {
  await this.started();
  assert.equal((await stat(join(this.dataDir, "token"))).mode & 0o777, 0o600);
});
Then("the token is nowhere else in the data directory", async function (this: Lab) {
  const token = await this.part(HttpDoor).token();
  assert.ok(token.length >= 32, "a token that can't be guessed");
  for (const entry of await readdir(this.dataDir, { withFileTypes: true }))
    if (entry.isFile() && entry.name !== "token")
      assert.ok(!(await readFile(join(this.dataDir, entry.name))).includes(token), entry.name);
});
