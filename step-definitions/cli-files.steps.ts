import assert from "node:assert/strict";
import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Given, Then } from "pagurus/steps";
import { LocalServer } from "./support/local-server.ts";
import type { Lab } from "./world.ts";

const packageRoot = dirname(fileURLToPath(new URL("../package.json", import.meta.url)));

Given("the file {string} with", async function (this: Lab, name: string, text: string) {
  await writeFile(join(this.folder, name), text);
});
Given("a stranger's plugin {string} with", async function (this: Lab, name: string, text: string) {
  await writeFile(join(this.folder, name), text);
  await mkdir(join(this.folder, "node_modules"));
  await symlink(packageRoot, join(this.folder, "node_modules", "pagurus"));
  this.setup.sections = { plugins: [`./${name}`] };
});

Then("it names {names}", function (this: Lab, keys: string[]) {
  const { err } = this.part(LocalServer).last;
  for (const key of keys) assert.ok(err.includes(`\`${key}\``), `${key} in ${err}`);
});
Then("no socket is left", async function (this: Lab) {
  assert.deepEqual(await readdir(join(this.dataDir, "run")).catch(() => []), []);
});
Then("only the data directory was written to", async function (this: Lab) {
  const written = (await readdir(this.folder)).filter((name) => !["pagurus.yaml", "stores"].includes(name));
  assert.deepEqual(written, ["data"]);
  for (const datastore of this.setup.datastores)
    assert.deepEqual(await readdir(this.folderOf(datastore)), []);
});
