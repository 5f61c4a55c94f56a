import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { CodedError } from "../contract/index.ts";
import { createScriptedEngine, runWith } from "./test-host.ts";

const disk = {
  id: "d1",
  name: "web",
  sizeBytes: 20 * 2 ** 30,
  datastore: "fast",
  epoch: 1,
  exports: [{ uri: "nbd+unix:///web?socket=/run/d1.sock" }],
  createdAt: "2026-11-22T21:00:00.000Z",
};

test("a size on the command line is bytes in the call, and --json prints exactly what was answered", async () => {
  const { engine, calls } = createScriptedEngine({ "disks.create": disk });
  const argv = [
    "disks",
    "create",
    "web",
    "--size",
    "20GiB",
    "--datastore",
    "fast",
    "--json",
    "--idempotency-key",
    "k1",
  ];
  const { code, out, err } = await runWith(argv, engine);
  expect(calls).toEqual([
    {
      name: "disks.create",
      input: { name: "web", sizeBytes: 20 * 2 ** 30, datastore: "fast" },
      options: { signal: expect.any(AbortSignal), idempotencyKey: "k1" },
    },
  ]);
  expect({ code, err, answered: JSON.parse(out) }).toEqual({ code: 0, err: "", answered: disk });
});

test("repeated flags, durations, rates, enums and booleans reach the function; what was left out does not", async () => {
  const { engine, calls } = createScriptedEngine({ "migrations.start": { id: "7", state: "queued" } });
  await runWith(
    [
      "migrations",
      "start",
      "--disk",
      "a",
      "--disk",
      "b",
      "--to",
      "slow",
      "--strategy",
      "dirty-block",
      "--max-pause",
      "1.5s",
      "--max-bytes-per-second",
      "100MiB",
      "--max-attempts",
      "3",
      "--no-keep-source",
    ],
    engine,
  );
  expect(calls[0]?.input).toEqual({
    disks: ["a", "b"],
    to: "slow",
    strategy: "dirty-block",
    maxPauseMs: 1500,
    maxBytesPerSecond: 100 * 2 ** 20,
    maxAttempts: 3,
    keepSource: false,
  });
});

test.each([
  [["--max-bytes-per-second", "none"], { maxBytesPerSecond: null }],
  [["--max-bytes-per-second", "1MiB", "--max-pause", "50ms"], { maxBytesPerSecond: 2 ** 20, maxPauseMs: 50 }],
])("a limit is changed and lifted again: %j", async (flags, changes) => {
  const { engine, calls } = createScriptedEngine({ "migrations.adjust": { id: "7", state: "running" } });
  const { code } = await runWith(["migrations", "adjust", "7", ...flags], engine);
  expect({ code, input: calls[0]?.input }).toEqual({ code: 0, input: { id: "7", ...changes } });
});

test.each([
  [["migrations", "adjust", "7", "--max-pause", "none"], "none is not a duration"],
  [["disks", "create", "web", "--sze", "1GiB"], "Unknown option '--sze' (Did you mean --size?)"],
  [["disks", "create", "web"], "Missing --size <size>"],
  [["disks", "create", "web", "--size", "1GX"], "1GX is not a size: GX is not a unit; write bytes"],
  [["disks", "shw", "web"], "(Did you mean show?)"],
  [["dsks"], "(Did you mean disks?)"],
  [["migrations", "start", "--disk", "a", "--to", "b", "--strategy", "teleport"], "dirty-block, snapshot"],
  [["migrations", "start", "--disk", "a", "--to", "b", "--max-attempts", "few"], 'not "few"'],
  [["invoke", "disks.create", "{"], "could not be read as JSON"],
  [["invoke", "disks.create", "@/nowhere/x.json"], "/nowhere/x.json"],
  [["serve", "--listen", "7040"], "7040 is not an address"],
])("%j is refused with a sentence and exit code 2", async (argv, said) => {
  const { engine, calls } = createScriptedEngine({});
  const { code, out, err } = await runWith(argv, engine, {
    env: { PAGURUS_URL: "http://127.0.0.1:1", PAGURUS_DATA: "/nowhere" },
  });
  expect({ code, out, calls }).toEqual({ code: 2, out: "", calls: [] });
  expect(err).toMatch(/^pagurus: .*\.\n$/);
  expect(err).toContain(said);
});

test.each([
  [new CodedError("disk-not-found", { disk: "web" }), 3],
  [new CodedError("disk-exists", { disk: "web" }), 4],
  [new CodedError("server-stopping", {}), 5],
  [new CodedError("token-invalid", {}), 2],
  [new CodedError("function-failed", { function: "disks.show" }, { cause: new TypeError("x") }), 1],
  [
    new CodedError(
      "function-failed",
      { function: "disks.show" },
      { cause: new CodedError("disk-not-found", { disk: "web" }) },
    ),
    3,
  ],
])("%s exits by its kind", async (error, expected) => {
  const { engine } = createScriptedEngine({
    "disks.show": () => {
      throw error;
    },
  });
  const told = await runWith(["disks", "show", "web"], engine);
  expect(told).toMatchObject({ code: expected, out: "", err: expect.stringMatching(/^pagurus: .+\.\n$/) });
  const json = await runWith(["disks", "show", "web", "--json"], engine);
  expect(json).toMatchObject({ code: expected, out: "" });
  expect(JSON.parse(json.err)).toMatchObject({ code: expect.any(String), kind: expect.any(String) });
});

test("invoke calls any function with JSON from standard input", async () => {
  const { engine, calls } = createScriptedEngine({ "disks.show": disk });
  const { code } = await runWith(["invoke", "disks.show", "-", "--json"], engine, {
    readInput: async () => '{"name":"web"}',
  });
  expect({ code, call: calls[0] }).toMatchObject({
    code: 0,
    call: { name: "disks.show", input: { name: "web" } },
  });
});

test("people get a table with sizes, and keys with values", async () => {
  const { engine } = createScriptedEngine({
    "disks.list": { items: [disk, { ...disk, name: "a-longer-name", sizeBytes: 512 }], next: "c2" },
    "disks.show": disk,
  });
  const list = await runWith(["disks", "list"], engine);
  const lines = list.out.split("\n");
  expect(lines[0]).toMatch(/^ID +NAME +SIZE +DATASTORE +EPOCH +CREATED AT$/);
  expect(lines[1]).toMatch(/^d1 +web +20 GiB +fast +1 +2026-11-22 /);
  expect(lines[1]?.indexOf("20 GiB")).toBe(lines[2]?.indexOf("512 bytes"));
  expect(list.err).toContain("--after c2");
  const shown = await runWith(["disks", "show", "web"], engine);
  expect(shown.out).toMatch(/^size +20 GiB$/m);
  expect(shown.out).toMatch(/^ {2}uri {2}nbd\+unix/m);
});

test("an empty list says so to people and stays a list for programs", async () => {
  const { engine } = createScriptedEngine({ "disks.list": { items: [] } });
  expect((await runWith(["disks", "list"], engine)).out).toBe("no disks\n");
  expect(JSON.parse((await runWith(["disks", "list", "--json"], engine)).out)).toEqual({ items: [] });
});

test("a name can't steer the terminal", async () => {
  const { engine } = createScriptedEngine({ "disks.show": { name: "\u001b[2Jweb" } });
  expect((await runWith(["disks", "show", "web"], engine)).out).not.toContain("\u001b");
});

test.each([
  ["--help"],
  ["help"],
  ["disks", "--help"],
  ["disks", "create", "--help"],
  ["help", "disks", "create"],
  ["completion", "bash"],
  ["completion", "zsh"],
  ["completion", "fish"],
  ["functions", "list"],
  ["functions", "show", "disks.create"],
  ["--version"],
])("pagurus %s %s %s needs no server", async (...argv) => {
  const { engine } = createScriptedEngine({});
  const { code, out, err } = await runWith(
    argv.filter((word) => word !== undefined),
    engine,
    { env: { PAGURUS_DATA: "/nowhere" } },
  );
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out.length).toBeGreaterThan(4);
});

test("help shows flags, choices, defaults and an example that can be run", async () => {
  const { engine } = createScriptedEngine({});
  const { out } = await runWith(["help", "migrations", "start"], engine);
  for (const said of [
    "--disk <disk>",
    "may be repeated",
    '"dirty-block", "snapshot"',
    "default: 50 ms",
    "--wait",
    "--json",
    "pagurus migrations start --disk DISK --to TO",
  ])
    expect(out.replace(/\s+/g, " ")).toContain(said);
  expect((await runWith(["--help"], engine)).out).toContain("130 interrupted");
});

test("a noun without a verb is told what there is, with exit code 2", async () => {
  const { engine } = createScriptedEngine({});
  const { code, out, err } = await runWith(["disks"], engine);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toContain("create");
});

test("commands come from the server that answers, so a plugin's function is a command", async () => {
  const { engine, calls } = createScriptedEngine({ "hashes.of": { digest: "ab" } });
  const plugged = {
    ...engine,
    functions: async () => [
      {
        name: "hashes.of",
        summary: "Hash a text",
        kind: "call" as const,
        effect: "read" as const,
        creates: false,
        plugin: "mine",
        input: { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
        output: {},
      },
    ],
  };
  const { out } = await runWith(["hashes", "of", "--text", "x"], plugged);
  expect({ out, input: calls[0]?.input }).toEqual({ out: "digest  ab\n", input: { text: "x" } });
});

test("Ctrl-C in a call says that its end is not known, with exit code 130", async () => {
  const interruption = new AbortController();
  const { engine } = createScriptedEngine({
    "disks.show": () => {
      interruption.abort();
      throw interruption.signal.reason;
    },
  });
  const { code, err } = await runWith(["disks", "show", "web"], engine, { signal: interruption.signal });
  expect({ code, err }).toEqual({ code: 130, err: expect.stringContaining("is not known") });
});

test.each(["bash", "zsh"])("the script for %s is one that bash can read", async (shell) => {
  const { out } = await runWith(["completion", shell], createScriptedEngine({}).engine);
  const { status, stderr } = spawnSync("bash", ["-n"], { input: out, encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});

test("completion in bash offers nouns, then verbs, then the flags of the function", async () => {
  const { out } = await runWith(["completion", "bash"], createScriptedEngine({}).engine);
  const offered = (...words: readonly string[]) =>
    spawnSync(
      "bash",
      [
        "-c",
        `${out}\nCOMP_WORDS=(${words.join(" ")} ""); COMP_CWORD=${words.length}; _pagurus; echo "\${COMPREPLY[@]}"`,
      ],
      {
        encoding: "utf8",
      },
    )
      .stdout.trim()
      .split(" ");
  expect(offered("pagurus")).toEqual(expect.arrayContaining(["disks", "serve", "--json"]));
  expect(offered("pagurus", "disks")).toEqual(expect.arrayContaining(["create", "list", "show"]));
  expect(offered("pagurus", "disks", "create", "web")).toEqual(
    expect.arrayContaining(["--size", "--datastore"]),
  );
});
