import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { scaffolded } from "./scaffold.ts";
import { createScriptedEngine, runWith } from "./test-host.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pagurus-plugins-"));
});
afterEach(() => rm(folder, { recursive: true }));

const plugins = (...words: readonly string[]) =>
  runWith(["plugins", ...words], createScriptedEngine({}).engine, {
    connect: () => Promise.reject(new Error("no server may be asked")),
  });

test.each(scaffolded)(
  "a plugin is begun for %s, and nothing of the template's names is left",
  async (point) => {
    const to = join(folder, "mine");
    const { code, out } = await plugins("new", point, "blob-store", "--dir", to, "--json");
    expect(code).toBe(0);
    const { files } = JSON.parse(out) as { files: string[] };
    expect(files).toEqual(
      expect.arrayContaining(["README.md", "package.json", "src/plugin.ts", ".gitignore"]),
    );
    const texts = await Promise.all(files.map((file) => readFile(join(to, file), "utf8")));
    expect(texts.join("\n")).not.toMatch(/my-?plugin|MY-/i);
    expect(texts.join("\n")).toContain('id: "blob-store"');
    const readme = await readFile(join(to, "README.md"), "utf8");
    expect(readme.match(/^## .+$/gm)).toEqual([
      "## What it does",
      "## Configure",
      "## Capabilities",
      "## Fails when",
      "## Performance",
    ]);
  },
);

test.each([
  ["Blob", "lower-case"],
  ["../evil", "lower-case"],
  ["7z", "letter"],
  ["a".repeat(65), "64"],
  ["datastore-local", "of this name"],
])("%s is no name for a plugin", async (name, why) => {
  const { code, err } = await plugins("new", "datastore", name, "--dir", join(folder, "mine"));
  expect(code).toBe(2);
  expect(err).toContain(why);
  expect(await readdir(folder)).toEqual([]);
});

test("a folder that is there stays as it is", async () => {
  await writeFile(join(folder, "notes"), "mine");
  const { code, err } = await plugins("new", "datastore", "blob-store", "--dir", folder);
  expect(code).toBe(4);
  expect(err).toContain("is there already");
  expect(await readdir(folder)).toEqual(["notes"]);
});

const zod = pathToFileURL(createRequire(import.meta.url).resolve("zod")).href;
const point = (name: string) => `Symbol.for("pagurus/${name}")`;
const manifest = (parts: string) =>
  `export default { id: "mine", apiVersion: 1, summary: "x", config: z.strictObject({}), ${parts} };`;
const written = async (name: string, text: string) => {
  const file = join(folder, name);
  await writeFile(file, `import { z } from "${zod}";\n${text}`);
  return file;
};

test("a plugin with nothing wrong is told what it has", async () => {
  const { code, out } = await plugins(
    "check",
    await written("good.mjs", manifest(`provides: [${point("datastore@1")}]`)),
  );
  expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining("mine, which has Datastore") });
}, 60_000);

test("a plugin that ends or blocks the process while it loads, or prints, harms neither the command nor the others", async () => {
  const files = [
    await written("exits.mjs", "process.exit(0);"),
    await written("prints.mjs", `console.log("hello");\n${manifest("").replace('"mine"', '"loud"')}`),
    await written("good.mjs", manifest("")),
  ];
  const { code, out } = await plugins("check", ...files);
  expect(code).toBe(2);
  const [exits, prints, good] = out.split(/^(?=\/)/m);
  expect(exits).toMatch(/exits\.mjs: wrong\n.*process ended \(exit code 0\) while its module was loaded/);
  expect(prints).toMatch(/prints\.mjs: wrong\n.*printed `hello` while its module was loaded.*`Log`/);
  expect(good).toMatch(/good\.mjs: nothing is wrong with mine/);
}, 60_000);

test("all that is wrong with plugins is told at once, with exit code 2", async () => {
  const fn = `{ name: "mine.list", summary: "x", kind: "call", effect: "read", input: z.strictObject({}), output: z.date(), run() {} }`;
  const files = [
    await written("none.mjs", "export const plugin = 1;"),
    await written("throws.mjs", 'throw new Error("boom");'),
    await written("shape.mjs", 'export default { id: "A b", apiVersion: 7 };'),
    await written(
      "wrong.mjs",
      manifest(
        `provides: [${point("datastore@1")}, ${point("datastore@2")}],
         requires: [${point("events@1")}, ${point("log@9")}],
         functions: [${fn}, ${fn.replace("mine.list", "disks.list")}]`,
      ).replace("strictObject({})", "object({})"),
    ),
    await written("twin.mjs", manifest("")),
  ];
  const { code, out } = await plugins("check", ...files, join(folder, "missing.mjs"), "--json");
  expect(code).toBe(2);
  const { plugins: verdicts } = JSON.parse(out) as { plugins: { problems: { code: string }[] }[] };
  expect(verdicts.map(({ problems }) => problems.map((problem) => problem.code))).toEqual([
    ["plugin-invalid"],
    ["plugin-load-failed"],
    ["plugin-api-mismatch", "plugin-invalid"],
    [
      "plugin-point-unknown",
      "plugin-plane-mismatch",
      "plugin-requirement-missing",
      "function-duplicate",
      "plugin-config-loose",
      "schema-inexpressible",
    ],
    ["plugin-duplicate"],
    ["plugin-not-found"],
  ]);
}, 60_000);
