import { injectable } from "inversify";
import { describe, expect, it } from "vitest";
import {
  Catalog,
  type Clock,
  Clock as ClockToken,
  Datastore,
  defineFunction,
  definePlugin,
  ErrorSink,
  type ExtensionPoint,
  type HashFunction as Hash,
  HashFunction,
  type JsonObject,
  Log,
  type Plugin,
  z,
} from "../contract/index.ts";
import { observationOf } from "../observations/index.ts";
import { loadConfiguration } from "./configuration.ts";
import { createKernel } from "./kernel.ts";
import type { KernelPlane } from "./planes.ts";

const clock: Clock = { now: () => 0, monotonicMs: () => 0, sleep: async () => {}, after: () => () => {} };
const plugin = <C extends z.ZodType>(declared: Omit<Plugin<C>, "apiVersion" | "summary">): Plugin =>
  definePlugin({ apiVersion: 1, summary: declared.id, ...declared }) as unknown as Plugin;
const none = z.strictObject({});

const catalog = plugin({
  id: "catalog-sqlite",
  provides: [Catalog],
  config: none,
  register: ({ bind, id }) => bind<unknown>(Catalog).toConstantValue({ id, capabilities: {} }),
});
const plain = plugin({
  id: "hash-plain",
  provides: [HashFunction],
  config: none,
  register: ({ bind, id }) => bind<unknown>(HashFunction).toConstantValue({ id }),
});
const kernelOf = async (
  values: JsonObject,
  plugins: readonly Plugin[],
  plane: KernelPlane = "control",
  services: readonly [ExtensionPoint<unknown>, unknown][] = [],
) => {
  const empty = await loadConfiguration({ dataDir: "/data", env: {} });
  const base = { catalog: { plugin: "catalog-sqlite" }, datastores: {}, exports: {}, sinks: {}, hashes: {} };
  return createKernel({
    configuration: { ...empty, values: { ...base, ...values } },
    plane,
    services: [[ClockToken, clock], ...services],
    builtIns: new Map([catalog, ...plugins].map((one) => [one.id, async () => ({ default: one })])),
  });
};

describe("wiring", () => {
  it("gives each instance a container of its own: private tokens never meet", async () => {
    const Prefix = Symbol.for("acme/prefix") as ExtensionPoint<string>;
    const hashing = plugin({
      id: "hash-acme",
      provides: [HashFunction],
      config: z.strictObject({ prefix: z.string() }),
      register({ bind, id, config }) {
        bind(Prefix).toConstantValue(config.prefix);
        bind<unknown>(HashFunction).toResolvedValue((prefix: string) => ({ id, prefix }), [Prefix]);
      },
    });
    const kernel = await kernelOf(
      { hashes: { a: { plugin: "hash-acme", prefix: "A" }, b: { plugin: "hash-acme", prefix: "B" } } },
      [hashing],
    );
    expect(kernel.all(HashFunction)).toEqual([
      { id: "a", prefix: "A" },
      { id: "b", prefix: "B" },
    ]);
    expect(kernel.one(HashFunction, "b")).toEqual({ id: "b", prefix: "B" });
  });

  it("names the instances that there are when asked for one that isn't", async () => {
    const kernel = await kernelOf({}, []);
    expect(() => kernel.one(Catalog, "other")).toThrow(
      expect.objectContaining({
        code: "instance-not-found",
        data: { what: "Catalog", id: "other", known: "catalog" },
      }),
    );
  });

  it("hands over services and what others provide, after it was provided", async () => {
    const reader = plugin({
      id: "reader",
      provides: [ErrorSink],
      requires: [HashFunction, Log],
      config: none,
      register({ bind, id }) {
        bind<unknown>(ErrorSink).toResolvedValue(
          (hashes: Hash[], log: unknown) => ({ id, log, hashes: hashes.map((hash) => hash.id) }),
          [{ serviceIdentifier: HashFunction, isMultiple: true }, Log],
        );
      },
    });
    const log = { info: () => {} };
    const kernel = await kernelOf(
      {
        hashes: { x: { plugin: "hash-plain" }, y: { plugin: "hash-plain" } },
        sinks: { r: { plugin: "reader" } },
      },
      [reader, plain],
      "control",
      [[Log, log]],
    );
    expect(kernel.one(ErrorSink, "r")).toMatchObject({ log, hashes: ["x", "y"] });
  });

  it("lets a plugin that provides a point and requires it read its own and the others' with `chained`", async () => {
    const both = plugin({
      id: "both",
      provides: [HashFunction, ErrorSink],
      requires: [HashFunction],
      config: none,
      register({ bind, id }) {
        bind<unknown>(HashFunction).toConstantValue({ id });
        bind<unknown>(ErrorSink).toResolvedValue(
          (hashes: Hash[]) => ({ id, hashes: hashes.map((hash) => hash.id) }),
          [{ serviceIdentifier: HashFunction, isMultiple: true, chained: true }],
        );
      },
    });
    const kernel = await kernelOf(
      { hashes: { x: { plugin: "hash-plain" } }, sinks: { own: { plugin: "both" } } },
      [both, plain],
    );
    expect(kernel.one(ErrorSink, "own")).toMatchObject({ hashes: ["own", "x"] });
    expect(kernel.all(HashFunction).map(({ id }) => id)).toEqual(["x", "own"]);
  });

  it("starts one object behind two points once", async () => {
    const starts: string[] = [];
    @injectable()
    class Both {
      readonly id = "both";
      start() {
        starts.push("both");
      }
    }
    const both = plugin({
      id: "both",
      provides: [HashFunction, ErrorSink],
      config: none,
      register({ bind }) {
        bind(Both).toSelf();
        bind<unknown>(HashFunction).toService(Both);
        bind<unknown>(ErrorSink).toService(Both);
      },
    });
    const kernel = await kernelOf({ sinks: { both: { plugin: "both" } } }, [both]);
    await kernel.start();
    expect(starts).toEqual(["both"]);
    expect(kernel.one(HashFunction, "both")).toBe(kernel.one(ErrorSink, "both"));
  });

  it("registers and starts in each plane only what has a point there", async () => {
    const seen: string[] = [];
    const recorder = (point: ExtensionPoint<unknown>, id: string) =>
      plugin({
        id,
        provides: [point],
        config: none,
        register({ bind }) {
          seen.push(`register ${id}`);
          bind(point).toConstantValue({ id, start: () => void seen.push(`start ${id}`) });
        },
      });
    const plugins = [
      recorder(Datastore, "store"),
      recorder(ErrorSink, "sink"),
      recorder(HashFunction, "hash"),
    ];
    const values = {
      datastores: { s: { plugin: "store" } },
      sinks: { s: { plugin: "sink" } },
      hashes: { h: { plugin: "hash" } },
    };
    const disk = await kernelOf(values, plugins, "disk");
    await disk.start();
    expect(seen.sort()).toEqual(["register hash", "register store", "start hash", "start store"]);
    const control = await kernelOf(values, plugins);
    expect(control.all(Datastore)).toEqual([]);
    expect(control.instances.find(({ key }) => key === "datastores.s")?.state).toBe("other-plane");
    expect(control.instances.find(({ key }) => key === "sinks.s")?.state).toBe("registered");
  });

  it("starts of a plugin with points of both planes only the objects of this one", async () => {
    const seen: string[] = [];
    const object = (name: string) => ({ id: "x", start: () => void seen.push(name) });
    const mixed = plugin({
      id: "mixed",
      provides: [Datastore, ErrorSink],
      config: none,
      register({ bind }) {
        bind<unknown>(Datastore).toConstantValue(object("store"));
        bind<unknown>(ErrorSink).toConstantValue(object("sink"));
      },
    });
    for (const plane of ["control", "disk"] as const)
      await (await kernelOf({ sinks: { x: { plugin: "mixed" } } }, [mixed], plane)).start();
    expect(seen).toEqual(["sink", "store"]);
  });

  it.each([
    ["binds nothing", () => {}, /provides HashFunction and binds nothing/],
    ["is asynchronous", async () => {}, /asynchronous/],
    [
      "throws",
      () => {
        throw new Error("boom");
      },
      /boom/,
    ],
    [
      "binds what it does not declare",
      ({ bind }: Parameters<NonNullable<Plugin["register"]>>[0]) => {
        bind<unknown>(HashFunction).toConstantValue({ id: "x" });
        bind<unknown>(ErrorSink).toConstantValue({ id: "x" });
      },
      /binds ErrorSink/,
    ],
  ])("refuses a plugin whose `register` %s, naming the instance", async (_, register, reason) => {
    const wrong = plugin({ id: "hash-wrong", provides: [HashFunction], config: none, register });
    const error = await kernelOf({ hashes: { h: { plugin: "hash-wrong" } } }, [wrong]).catch(observationOf);
    expect(error).toMatchObject({
      code: "plugin-register-failed",
      data: { instance: "hashes.h", reason: expect.stringMatching(reason) },
    });
  });

  it("has a plugin's functions and codes once, and those of a plugin without an instance not at all", async () => {
    const fn = (name: string) =>
      defineFunction({
        name,
        summary: name,
        kind: "call",
        effect: "read",
        input: none,
        output: none,
        run: () => ({}),
      });
    const code = { kind: "conflict", message: "Jammed" } as const;
    const hashing = plugin({
      id: "hash-acme",
      provides: [HashFunction],
      config: none,
      functions: [fn("acme.count")],
      observations: { "acme-jam": code },
      register: ({ bind, id }) => bind<unknown>(HashFunction).toConstantValue({ id }),
    });
    const idle = plugin({ id: "idle", provides: [ErrorSink], config: none, functions: [fn("idle.run")] });
    const only = plugin({ id: "only-functions", config: none, functions: [fn("only.run")] });
    const kernel = await kernelOf({ hashes: { a: { plugin: "hash-acme" }, b: { plugin: "hash-acme" } } }, [
      hashing,
      idle,
      only,
    ]);
    expect(kernel.functions.map(({ function: { name }, plugin: id }) => [name, id])).toEqual([
      ["acme.count", "hash-acme"],
      ["only.run", "only-functions"],
    ]);
    expect(kernel.codes).toEqual({ "acme-jam": code });
    expect(kernel.plugins.find(({ id }) => id === "idle")?.functions).toEqual(["idle.run"]);
  });

  it("answers for a function's token with the service or the only object behind it", async () => {
    const kernel = await kernelOf({}, []);
    expect(kernel.resolve(ClockToken)).toBe(clock);
    expect(kernel.resolve(Catalog)).toMatchObject({ id: "catalog" });
    expect(() => kernel.resolve(Log)).toThrow(
      expect.objectContaining({ code: "plugin-requirement-missing" }),
    );
  });
});
