import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadConfiguration, shownConfiguration } from "./configuration.ts";
import { dataDirOf } from "./environment.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pagurus-configuration-"));
});
afterAll(() => rm(folder, { recursive: true }));

const load = async (text: string | undefined, env: Record<string, string> = {}, flags = {}) => {
  const path = text === undefined ? undefined : join(folder, "pagurus.yaml");
  if (path !== undefined && text !== undefined) await writeFile(path, text);
  return loadConfiguration({ path, dataDir: "/data", env, flags });
};

describe("loading the configuration", () => {
  it("has a default for each section without a file", async () => {
    const { source, values } = await load(undefined);
    expect(source).toBe("defaults");
    expect(values).toMatchObject({
      datastores: { default: { plugin: "datastore-local", root: "/data/disks" } },
      exports: { nbd: { plugin: "export-nbd" } },
      sinks: { log: { plugin: "sink-log" } },
      hashes: { sha256: { plugin: "hash-sha256" }, xxh64: { plugin: "hash-xxh64" } },
      catalog: { plugin: "catalog-sqlite" },
    });
  });

  it("replaces a default section whole by one that is present, and keeps the others", async () => {
    const { values, origins } = await load("datastores: { fast: { plugin: datastore-memory } }");
    expect(values).toMatchObject({ sinks: { log: { plugin: "sink-log" } } });
    expect({ ...values }).toHaveProperty("datastores", { fast: { plugin: "datastore-memory" } });
    expect(origins).toMatchObject({ datastores: "file", sinks: "default" });
  });

  it("takes no other section of the file than was asked for, nor its secrets", async () => {
    const text = `datastores: { fast: { plugin: x } }\ncatalog: { plugin: y, password: '\${CATALOG_PASSWORD}' }`;
    await load(text);
    const path = join(folder, "pagurus.yaml");
    const { values, problems } = await loadConfiguration({
      ...{ path, dataDir: "/data", env: {}, sections: ["datastores"] },
    });
    expect(values).toMatchObject({
      datastores: { fast: { plugin: "x" } },
      catalog: { plugin: "catalog-sqlite" },
    });
    expect(problems).toEqual([]);
  });

  it("takes flags before environment before file, and says where each came from", async () => {
    const file = "server: { listen: 'a:1', diskThreads: 2 }";
    const env = { PAGURUS_LISTEN: "b:2" };
    expect((await load(file)).values).toHaveProperty("server", { listen: "a:1", diskThreads: 2 });
    expect((await load(file, env)).values).toHaveProperty("server", { listen: "b:2", diskThreads: 2 });
    const flagged = await load(file, env, { listen: "c:3", nbd: "0.0.0.0:10809" });
    expect(flagged.values).toMatchObject({
      server: { listen: "c:3", diskThreads: 2 },
      exports: { nbd: { plugin: "export-nbd", listen: "0.0.0.0:10809" } },
    });
    expect(flagged.origins).toMatchObject({
      "server.listen": "flag --listen",
      "exports.nbd.listen": "flag --nbd",
    });
  });

  it("puts secrets in from the environment, and shows them to nobody", async () => {
    const configuration = await load(`sinks: { hook: { url: 'https://x/\${HOOK}' } }`, {
      HOOK: "s3cr3t-value",
    });
    expect(configuration.values).toHaveProperty("sinks.hook.url", "https://x/s3cr3t-value");
    expect(configuration.secrets).toEqual(["s3cr3t-value"]);
    expect(configuration.origins).toHaveProperty(["sinks.hook.url"], "environment HOOK");
    expect(JSON.stringify(shownConfiguration(configuration))).not.toContain("s3cr3t-value");
  });

  it("keeps a secret that is not set as a problem of its key", async () => {
    expect((await load(`sinks: { hook: { url: '\${NOWHERE}' } }`)).problems).toMatchObject([
      { key: "sinks.hook.url", found: `\${NOWHERE}` },
    ]);
  });

  it.each([
    ["a: b: c", /line 1, column \d+/],
    ["server:\n  listen: [1,\n", /line \d, column \d+/],
    ["a: 1\na: 2", /line 2, column 1/],
    ["- just\n- a list", /must hold a map/],
  ])("refuses %j with the place", async (text, reason) => {
    const error: unknown = await load(text).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "config-unreadable",
      data: { reason: expect.stringMatching(reason) },
    });
  });

  it("refuses a file that isn't there, naming it", async () => {
    const path = join(folder, "absent.yaml");
    await expect(loadConfiguration({ path, dataDir: "/data", env: {} })).rejects.toMatchObject({
      code: "config-unreadable",
      data: { path },
    });
  });

  it("reads the file that PAGURUS_CONFIG names, and can be posted to a thread", async () => {
    const path = join(folder, "named.yaml");
    await writeFile(path, "");
    const configuration = await loadConfiguration({ dataDir: "/data", env: { PAGURUS_CONFIG: path } });
    expect(configuration).toMatchObject({ source: path, folder });
    expect(JSON.parse(JSON.stringify(configuration))).toEqual(configuration);
  });
});

describe("the data directory", () => {
  it("is the flag's, else PAGURUS_DATA, else below XDG_DATA_HOME, else below the home", () => {
    const env = { PAGURUS_DATA: "/p", XDG_DATA_HOME: "/x" };
    expect(dataDirOf(env, "/f")).toBe("/f");
    expect(dataDirOf(env)).toBe("/p");
    expect(dataDirOf({ XDG_DATA_HOME: "/x" })).toBe("/x/pagurus");
    expect(dataDirOf({})).toMatch(/\.local\/share\/pagurus$/);
  });
});
