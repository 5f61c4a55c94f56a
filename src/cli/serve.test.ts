import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CodedError, type Engine } from "../contract/index.ts";
import { connectEngine } from "../engine/remote/index.ts";
import { createCodebook } from "../observations/index.ts";
import { serve } from "./serve.ts";
import { createScriptedEngine, runWith } from "./test-host.ts";

let folder = "";
let dataDir = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pagurus-serve-"));
  dataDir = join(folder, "data");
});
afterEach(() => rm(folder, { recursive: true }));

const disk = { name: "web" };

const serving = (engine: Engine, listen = "127.0.0.1:0") =>
  serve(
    { dataDir, env: {}, version: "1.2.3" },
    {
      openEngine: async () => ({
        engine,
        codebook: createCodebook(),
        server: { listen, diskThreads: 0, allowedHosts: [], allowedOrigins: [], bodyLimitBytes: 1024 },
      }),
    },
  );

const overHttp = { env: {}, connect: async (at: { url: string; token: string | null }) => connectEngine(at) };

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

test("the command finds the local server by its data directory and sends it the stored token", async () => {
  const { engine, calls } = createScriptedEngine({ "disks.show": disk });
  const server = await serving(engine);
  await writeFile(server.tokenFile, "secret\n");
  const { code, out } = await runWith(
    ["disks", "show", "web", "--json", "--data", dataDir],
    engine,
    overHttp,
  );
  await server.stop();
  expect({ code, out: JSON.parse(out) }).toEqual({ code: 0, out: disk });
  expect(calls[0]?.options?.token).toBe("secret");
});

test("data directory and server.json are for their owner only; the file tells where, and goes with the server", async () => {
  const { engine } = createScriptedEngine({});
  const server = await serving(engine);
  const file = join(dataDir, "server.json");
  expect([await modeOf(dataDir), await modeOf(file)]).toEqual(["700", "600"]);
  expect(JSON.parse(await readFile(file, "utf8"))).toEqual({ url: server.url, pid: process.pid });
  await Promise.all([server.stop(), server.stop()]);
  await expect(stat(file)).rejects.toThrow("ENOENT");
});

test("a server leaves the server.json of another one alone", async () => {
  const { engine } = createScriptedEngine({});
  const server = await serving(engine);
  const theirs = JSON.stringify({ url: "http://127.0.0.1:2", pid: process.pid });
  await writeFile(join(dataDir, "server.json"), theirs);
  await server.stop();
  expect(await readFile(join(dataDir, "server.json"), "utf8")).toBe(theirs);
});

test("without a server, or with the server.json of one that is gone, it says so and how to start one", async () => {
  const { engine } = createScriptedEngine({});
  const argv = ["disks", "list", "--data", dataDir];
  const none = await runWith(argv, engine, overHttp);
  const server = await serving(engine);
  const left = await readFile(join(dataDir, "server.json"));
  await server.stop();
  await writeFile(join(dataDir, "server.json"), left);
  const stale = await runWith(argv, engine, overHttp);
  const said = `pagurus: No server is running for ${dataDir}; start one with \`pagurus serve --data ${dataDir}\`.\n`;
  expect([none, stale]).toEqual([
    { code: 5, out: "", err: said },
    { code: 5, out: "", err: said },
  ]);
});

test("the local token goes to no other server", async () => {
  const { engine } = createScriptedEngine({ "disks.show": disk });
  const server = await serving(engine);
  await writeFile(server.tokenFile, "secret");
  const given: (string | null)[] = [];
  await runWith(["disks", "show", "web", "--data", dataDir, "--url", "http://127.0.0.1:9"], engine, {
    env: {},
    connect: async ({ token }) => {
      given.push(token);
      return engine;
    },
  });
  await server.stop();
  expect(given).toEqual([null]);
});

test("a port in use is one sentence, and the engine that was started is closed again", async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const address = taken.address();
  const port = typeof address === "object" ? address?.port : 0;
  const close = vi.fn(async () => undefined);
  const { engine } = createScriptedEngine({});
  const closing = { ...engine, close };
  await expect(serving(closing, `127.0.0.1:${port}`)).rejects.toThrow(
    expect.objectContaining({ code: "server-listen-failed" }),
  );
  taken.close();
  expect(close).toHaveBeenCalledOnce();
  await expect(stat(join(dataDir, "server.json"))).rejects.toThrow("ENOENT");
});

test("what stops the engine from starting is told by serve with its kind's exit code", async () => {
  const { engine } = createScriptedEngine({});
  const missing = join(folder, "missing.yaml");
  const told = await runWith(["serve", "--data", dataDir, "--config", missing], engine);
  expect(told).toMatchObject({ code: 2, out: "", err: expect.stringContaining(missing) });
  await writeFile(join(folder, "file"), "");
  const blocked = await runWith(["serve", "--data", join(folder, "file", "data")], engine);
  expect(blocked).toMatchObject({ code: 5, err: expect.stringContaining("cannot be used") });
});

test("an open event stream does not keep the server from stopping", async () => {
  const { engine } = createScriptedEngine({});
  const server = await serving(engine);
  const stream = await fetch(`${server.url}/v1/events`);
  expect(stream.status).toBe(200);
  await server.stop();
  await expect(stream.text()).rejects.toThrow();
});

test("a remote failure keeps its sentence and exit code", async () => {
  const { engine } = createScriptedEngine({
    "disks.show": () => {
      throw new CodedError("disk-not-found", { disk: "web" });
    },
  });
  const server = await serving(engine);
  const told = await runWith(["disks", "show", "web", "--data", dataDir], engine, overHttp);
  await server.stop();
  expect(told).toEqual({
    code: 3,
    out: "",
    err: "pagurus: There is no disk named web; see `pagurus disks list`.\n",
  });
});
