import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parse } from "yaml";
import { createScriptedEngine, runWith } from "./test-host.ts";

let folder = "";
let file = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pagurus-config-"));
  file = join(folder, "pagurus.yaml");
});
afterEach(() => rm(folder, { recursive: true }));

const config = (verb: string, more: readonly string[] = []) =>
  runWith(["config", verb, "--config", file, "--data", folder, ...more], createScriptedEngine({}).engine, {
    env: { STORE_KEY: "s3cret-key" },
    connect: () => Promise.reject(new Error("no server may be asked")),
  });

test("config show prints a configuration file that says where its parts come from, without secrets", async () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the file's own placeholder.
  await writeFile(file, "datastores: { fast: { plugin: datastore-local, root: '${STORE_KEY}' } }\n");
  const { code, out } = await config("show");
  expect(code).toBe(0);
  expect(out).not.toContain("s3cret-key");
  expect(out).toContain("# datastores: from file");
  expect(out).toContain("# exports: from default");
  expect(parse(out)).toMatchObject({ datastores: { fast: { plugin: "datastore-local" } } });
  expect(JSON.parse((await config("show", ["--json"])).out)).toMatchObject({ source: file });
});

test("config check names every problem at once, with exit code 2", async () => {
  await writeFile(file, "datastors: {}\nserver: { listn: 'x' }\n");
  const { code, out, err } = await config("check");
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toContain("did you mean `datastores`?");
  expect(err).toContain("did you mean `listen`?");
});
