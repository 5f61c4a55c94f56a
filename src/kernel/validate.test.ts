import { describe, expect, it } from "vitest";
import {
  Catalog,
  CodedError,
  Datastore,
  defineFunction,
  definePlugin,
  Events,
  type ExtensionPoint,
  extensionPoint,
  FilePath,
  HashFunction,
  type JsonObject,
  Log,
  MigrationStrategy,
  type Plugin,
  z,
} from "../contract/index.ts";
import { loadConfiguration } from "./configuration.ts";
import type { Problem } from "./problem.ts";
import { checkConfiguration } from "./validate.ts";

const plugin = (id: string, rest: Partial<Plugin> = {}): Plugin =>
  definePlugin({ id, apiVersion: 1, summary: id, config: z.strictObject({}), ...rest });
const foreign = (name: string) => Symbol.for(name) as ExtensionPoint<unknown>;

const store = plugin("datastore-local", {
  provides: [Datastore],
  config: z.strictObject({
    root: FilePath.describe("directory that holds the layers"),
    direct: z.boolean().optional(),
    mirrors: z.array(z.strictObject({ at: FilePath })).default([]),
  }),
});
const catalog = plugin("catalog-sqlite", { provides: [Catalog] });

/** Checks `values` with only these plugins; sections not named are empty. */
const check = async (values: JsonObject, plugins: readonly Plugin[]) => {
  const all = [catalog, ...plugins];
  const empty = await loadConfiguration({ dataDir: "/data", env: {} });
  return checkConfiguration(
    {
      ...empty,
      folder: "/etc/pagurus",
      values: {
        catalog: { plugin: "catalog-sqlite" },
        datastores: {},
        exports: {},
        sinks: {},
        hashes: {},
        ...values,
      },
    },
    new Map(all.map((one) => [one.id, async () => ({ default: one })])),
  );
};
const problemsOf = async (values: JsonObject, plugins: readonly Plugin[]): Promise<readonly Problem[]> => {
  const error: unknown = await check(values, plugins).catch((thrown: unknown) => thrown);
  if (!CodedError.is(error, "config-invalid")) throw error;
  const { details } = error.data;
  return details as readonly Problem[];
};
const codesOf = (problems: readonly Problem[]) => problems.map(({ code }) => code);

describe("checking a configuration", () => {
  it("reports every problem at once, each with its key, what is there, what is wanted and what was meant", async () => {
    const values = {
      datastroes: {},
      server: { listen: "nowhere", diskThread: 2 },
      datastores: {
        fast: { plugin: "datastore-locla", root: "/x" },
        slow: { plugin: "datastore-local", rot: "/x", direct: "yes" },
        bare: {},
      },
      disabled: ["dirty-blok"],
      settings: { "dirty-block": { rounds: "many" } },
    };
    const strategy = plugin("dirty-block", {
      provides: [MigrationStrategy],
      config: z.strictObject({ rounds: z.int().default(5) }),
    });
    const problems = await problemsOf(values, [store, strategy]);
    const near = Object.fromEntries(problems.map(({ key, nearMiss }) => [key, nearMiss]));
    expect(near).toEqual({
      datastroes: "datastores",
      "server.listen": undefined,
      "server.diskThread": "diskThreads",
      "datastores.fast.plugin": "datastore-local",
      "datastores.slow.rot": "root",
      "datastores.slow.root": undefined,
      "datastores.slow.direct": undefined,
      "datastores.bare.plugin": undefined,
      "disabled.0": "dirty-block",
      "settings.dirty-block.rounds": undefined,
    });
    const of = (key: string) => problems.find((problem) => problem.key === key);
    expect(of("server.listen")).toMatchObject({
      found: '"nowhere"',
      wanted: expect.stringContaining("host:port"),
    });
    expect(of("datastores.slow.direct")).toMatchObject({
      found: '"yes"',
      wanted: expect.stringContaining("boolean"),
    });
    expect(of("datastores.slow.root")?.wanted).toMatch(/missing.*directory that holds the layers/);
  });

  it("has a sentence with all of them", async () => {
    const error: unknown = await check({ datastroes: {}, disabled: ["x"] }, []).catch(
      (thrown: unknown) => thrown,
    );
    expect(CodedError.is(error) && error.data).toMatchObject({
      count: 2,
      problems: expect.stringMatching(/`datastroes`: .*did you mean `datastores`\?.*`disabled\.0`/),
    });
  });

  it("never quotes what a secret's key holds", async () => {
    const sink = plugin("keyed", { config: z.strictObject({ token: z.int() }) });
    const problems = await problemsOf({ settings: { keyed: { token: "hunter2" } } }, [sink]);
    expect(problems).toHaveLength(1);
    expect(JSON.stringify(problems)).not.toContain("hunter2");
  });

  it("gives several instances of one plugin, paths from the file's folder", async () => {
    const { ordered } = await check(
      {
        datastores: {
          a: { plugin: "datastore-local", root: "layers", mirrors: [{ at: "../m" }] },
          b: { plugin: "datastore-local", root: "/abs", optional: true },
        },
      },
      [store],
    );
    const stores = ordered.map(({ instance }) => instance).filter(({ plugin: { id } }) => id === store.id);
    expect(stores).toMatchObject([
      { id: "a", optional: false, config: { root: "/etc/pagurus/layers", mirrors: [{ at: "/etc/m" }] } },
      { id: "b", optional: true, config: { root: "/abs" } },
    ]);
  });

  it("has one instance of a plugin without a section, unless it is disabled, and none of one that has", async () => {
    const strategy = plugin("dirty-block", { provides: [MigrationStrategy] });
    const keysOf = async (values: JsonObject) =>
      (await check(values, [store, strategy])).ordered.map(({ instance }) => instance.key);
    expect(await keysOf({})).toEqual(["catalog", "settings.dirty-block"]);
    expect(await keysOf({ disabled: ["dirty-block"] })).toEqual(["catalog"]);
  });

  it("refuses a plugin in the section of a point that it doesn't provide", async () => {
    const problems = await problemsOf({ hashes: { x: { plugin: "datastore-local" } } }, [store]);
    expect(problems).toMatchObject([{ key: "hashes.x.plugin", found: expect.stringContaining("Datastore") }]);
  });
});

describe("what plugins need of each other", () => {
  const mine = foreign("acme/mine");
  const yours = foreign("acme/yours");

  it("orders each plugin after those that provide what it requires, whatever the order they came in", async () => {
    const late = plugin("late", { requires: [mine] });
    const early = plugin("early", { provides: [mine], requires: [Log] });
    const { ordered } = await check({}, [late, early]);
    expect(ordered.map(({ instance }) => instance.id)).toEqual(["catalog", "early", "late"]);
  });

  it.each([
    ["plugin-requirement-missing", [plugin("a", { requires: [mine] })]],
    [
      "plugin-requirement-missing",
      [plugin("a", { provides: [MigrationStrategy], requires: [HashFunction] })],
    ],
    [
      "plugin-cycle",
      [
        plugin("a", { provides: [mine], requires: [yours] }),
        plugin("b", { provides: [yours], requires: [mine] }),
      ],
    ],
    ["plugin-plane-mismatch", [plugin("a", { provides: [MigrationStrategy], requires: [Events] })]],
    ["plugin-point-unknown", [plugin("a", { provides: [extensionPoint("migration-strategy", 2)] })]],
    ["plugin-api-mismatch", [plugin("a", { apiVersion: 2 })]],
    ["plugin-invalid", [plugin("a", { summary: "" })]],
  ] as const)("refuses before anything starts: %s", async (code, plugins) => {
    expect(codesOf(await problemsOf({}, plugins))).toEqual([code]);
  });

  it("tells a circle's members and the versions of points that are known", async () => {
    const [circle] = await problemsOf({}, [
      plugin("a", { provides: [mine], requires: [yours] }),
      plugin("b", { provides: [yours], requires: [mine] }),
    ]);
    expect(circle?.wanted).toContain("a → b → a");
    const [unknown] = await problemsOf({}, [plugin("a", { provides: [extensionPoint("datastore", 9)] })]);
    expect(unknown?.wanted).toMatch(/datastore@9.*datastore@1/);
  });

  it("lets a control-plane plugin require what only the control plane has", async () => {
    await expect(check({}, [plugin("a", { requires: [Events] })])).resolves.toBeDefined();
  });

  it("refuses two functions of one name", async () => {
    const greet = defineFunction({
      name: "people.greet",
      summary: "Greet",
      kind: "call",
      effect: "read",
      input: z.object({}),
      output: z.object({}),
      run: () => ({}),
    });
    const problems = await problemsOf({}, [
      plugin("a", { functions: [greet] }),
      plugin("b", { functions: [greet] }),
    ]);
    expect(codesOf(problems)).toEqual(["function-duplicate"]);
    expect(problems[0]?.wanted).toMatch(/people\.greet.*a and b/);
  });
});
