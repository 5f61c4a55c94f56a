import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadConfiguration } from "./configuration.ts";
import { discover } from "./discover.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const manifest = (id: string, type = "") => `
  import { definePlugin, HashFunction, z } from "pagurus";
  const wide${type} = 4;
  export default definePlugin({
    id: "${id}", apiVersion: 1, summary: "A stranger's", provides: [HashFunction],
    config: z.strictObject({ width: z.int().default(wide) }), register() {},
  });
`;

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pagurus-stranger-"));
  await put("node_modules/.keep", "");
  await symlink(repository, join(folder, "node_modules", "pagurus"));
});
afterEach(() => rm(folder, { recursive: true }));

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}
/** What the kernel finds when a configuration in this folder names these plugins. */
async function found(...plugins: readonly string[]) {
  await put("pagurus.yaml", JSON.stringify({ plugins }));
  const configuration = await loadConfiguration({
    path: join(folder, "pagurus.yaml"),
    dataDir: folder,
    env: {},
  });
  const { known, problems } = await discover(configuration, new Map());
  return { known: known.map(({ plugin, origin }) => [plugin.id, origin]), problems };
}
const packaged = (main: string, pagurus: object) =>
  JSON.stringify({ name: "acme", type: "module", exports: { import: main }, pagurus });

describe("a stranger's plugin", () => {
  it("is found by its path, in TypeScript too, from the configuration's folder", async () => {
    await put("plugins/mine.ts", manifest("mine", ": number"));
    expect(await found("./plugins/mine.ts")).toEqual({
      known: [["mine", "./plugins/mine.ts"]],
      problems: [],
    });
  });

  it("is found by its absolute path", async () => {
    await put("mine.mjs", manifest("mine"));
    expect((await found(join(folder, "mine.mjs"))).known).toEqual([["mine", join(folder, "mine.mjs")]]);
  });

  it("is found by its package's name, with only an `import` condition", async () => {
    await put("node_modules/acme/package.json", packaged("./plugin.js", { api: 1 }));
    await put("node_modules/acme/plugin.js", manifest("acme"));
    expect(await found("acme")).toEqual({ known: [["acme", "acme"]], problems: [] });
  });

  it("is found by its package's folder", async () => {
    await put("acme/package.json", packaged("./plugin.js", { api: 1 }));
    await put("acme/plugin.js", manifest("acme"));
    expect(await found("./acme")).toEqual({ known: [["acme", "./acme"]], problems: [] });
  });

  it("in a package whose package.json is broken is refused, naming that", async () => {
    await put("acme/package.json", "{ no");
    await put("acme/plugin.js", manifest("acme"));
    const { problems } = await found("./acme", "./acme/plugin.js");
    const wanted = expect.stringMatching(/acme\/package\.json is no JSON/);
    expect(problems).toMatchObject([
      { code: "plugin-invalid", wanted },
      { code: "plugin-invalid", wanted },
    ]);
  });

  it("may be an ES module that was compiled to CommonJS", async () => {
    await put(
      "compiled.cjs",
      `exports.__esModule = true;
       exports.default = { id: "compiled", apiVersion: 1, summary: "s", config: require("zod").z.object({}) };`,
    );
    await symlink(join(repository, "node_modules", "zod"), join(folder, "node_modules", "zod"));
    expect((await found("./compiled.cjs")).known).toEqual([["compiled", "./compiled.cjs"]]);
  });

  it("made for another API version is refused before its code runs", async () => {
    await put("node_modules/acme/package.json", packaged("./plugin.js", { api: 2 }));
    await put("node_modules/acme/plugin.js", "throw new Error('it ran');");
    const { problems } = await found("acme");
    expect(problems).toMatchObject([
      { code: "plugin-api-mismatch", wanted: expect.stringContaining("API version 2") },
    ]);
    expect(JSON.stringify(problems)).not.toContain("it ran");
  });

  it("that isn't there, breaks while it loads, or is no plugin is refused with its reason, all at once", async () => {
    await put("breaks.mjs", "throw new Error('no such luck');");
    await put("empty.mjs", "export const x = 1;");
    await put("shapeless.mjs", "export default { id: 'Bad Id', apiVersion: 1, config: 3, provides: ['x'] };");
    const { problems } = await found(
      "./absent.mjs",
      "nowhere",
      "./breaks.mjs",
      "./empty.mjs",
      "./shapeless.mjs",
    );
    expect(problems.map(({ code }) => code)).toEqual([
      "plugin-not-found",
      "plugin-not-found",
      "plugin-load-failed",
      "plugin-invalid",
      "plugin-invalid",
    ]);
    expect(problems[2]?.wanted).toContain(`no such luck (${join(folder, "breaks.mjs")}:1)`);
    expect(problems[3]?.wanted).toContain("no default export");
    for (const field of ["`id`", "`summary`", "`config`", "`provides.0`"])
      expect(problems[4]?.wanted).toContain(field);
  });

  it("that is named by a path without `./` is refused, with what to write", async () => {
    await put("src/mine.ts", manifest("mine"));
    const { problems } = await found("src/mine.ts");
    expect(problems).toMatchObject([
      { code: "plugin-not-found", wanted: expect.stringContaining("write ./src/mine.ts") },
    ]);
  });

  it("is found by its package's folder where that has only `main`", async () => {
    await put("acme/package.json", JSON.stringify({ name: "acme", type: "module", main: "lib/plugin.js" }));
    await put("acme/lib/plugin.js", manifest("acme"));
    expect(await found("./acme")).toEqual({ known: [["acme", "./acme"]], problems: [] });
  });

  it.each([
    [undefined, "is a folder without a package.json; name the plugin's file"],
    [{ name: "acme" }, 'acme/package.json needs `exports`, such as "exports": "./plugin.js"'],
    [{ exports: "./plugin.js" }, "acme/package.json has no `name`"],
  ])("that is a folder with %j says what its package lacks", async (own, why) => {
    await put("acme/plugin.js", manifest("acme"));
    if (own) await put("acme/package.json", JSON.stringify(own));
    const { problems } = await found("./acme");
    expect(problems).toMatchObject([{ code: "plugin-not-found", wanted: expect.stringContaining(why) }]);
  });

  it.each([
    ["a package", "plugin.ts", 'import "acme-tools/fast";', "acme-tools", {}, "npm install acme-tools"],
    [
      "a declared one",
      "lib/plugin.mjs",
      'import "@acme/tools";',
      "@acme/tools",
      { peerDependencies: { "@acme/tools": "1" } },
      "npm install",
    ],
    [
      "one that CommonJS asks for",
      "plugin.cjs",
      'require("acme-tools");',
      "acme-tools",
      {},
      "npm install acme-tools",
    ],
  ])(
    "that needs %s which isn't installed says which, whose file asks for it, and what to run where",
    async (...given) => {
      const [, file, text, needs, own, command] = given;
      await put("acme/package.json", JSON.stringify({ name: "acme", ...own }));
      await put(`acme/${file}`, text);
      const { problems } = await found(`./acme/${file}`);
      const at = join(folder, "acme");
      expect(problems).toMatchObject([
        {
          code: "plugin-dependency-missing",
          wanted: expect.stringContaining(
            `${join(at, file)} imports ${needs}, which isn't installed; run \`${command}\` in ${at}`,
          ),
        },
      ]);
    },
  );

  it("whose installed package lacks another is told to install anew where its project is", async () => {
    await put("acme/package.json", '{ "name": "acme" }');
    await put("acme/node_modules/tools/package.json", '{ "name": "tools", "exports": "./x.js" }');
    await put("acme/node_modules/tools/x.js", 'require("deeper");');
    await put("acme/plugin.mjs", 'import "tools";');
    const { problems } = await found("./acme/plugin.mjs");
    expect(problems[0]?.wanted).toMatch(/tools\/x\.js imports deeper.*run `npm install` in \S+\/acme$/);
  });

  it("one of whose own files is missing is refused with that, and not with what to install", async () => {
    await put("mine.ts", 'import "./lost.ts";');
    const { problems } = await found("./mine.ts");
    expect(problems).toMatchObject([
      { code: "plugin-load-failed", wanted: expect.stringMatching(/could not be loaded.*lost\.ts/) },
    ]);
  });

  it("that isn't installed is refused, with the folder from which it was looked for", async () => {
    const { problems } = await found("nowhere");
    expect(problems[0]?.wanted).toContain(`'nowhere' imported from ${folder}/; install it there`);
  });

  it("with a name that is taken is refused, naming both", async () => {
    await put("one.mjs", manifest("twin"));
    await put("two.mjs", manifest("twin"));
    const { problems } = await found("./one.mjs", "./two.mjs");
    expect(problems).toMatchObject([{ code: "plugin-duplicate" }]);
    expect(problems[0]?.wanted).toMatch(/twin: \.\/one\.mjs and \.\/two\.mjs/);
  });
});
