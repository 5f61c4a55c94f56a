import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { CodedError } from "../contract/index.ts";
import type { Cli } from "./cli.ts";
import type { CliHost } from "./host.ts";
import { importLocally } from "./local-import.ts";
import { createScriptedEngine } from "./test-host.ts";

/** A disk that is exported nowhere, so that its import fails once it is made. */
const disk = {
  ...{ id: "d1", name: "web", sizeBytes: 4096, datastore: "fast", epoch: 1, state: "available" },
  ...{ layers: [], exports: [], createdAt: "2026-01-01T00:00:00Z" },
};

const inUse = new CodedError("disk-in-use", { disk: "web", user: "a client is connected" });

/** Imports over an engine that removes disks as `remove` does; the clock takes each pause at once. */
const imported = async (remove: () => unknown) => {
  const folder = await mkdtemp(join(tmpdir(), "import-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "web.raw");
  await writeFile(path, Buffer.alloc(4096));
  let nowMs = 0;
  const clock: CliHost["clock"] = {
    monotonicMs: () => nowMs,
    after: (ms, act) => {
      nowMs += ms;
      queueMicrotask(act);
      return () => undefined;
    },
  };
  const { engine, calls } = createScriptedEngine({
    ...{ "disks.create": disk, "disks.show": disk, "disks.remove": remove },
  });
  const host: Pick<CliHost, "clock" | "signal"> = { clock, signal: new AbortController().signal };
  const cli: Pick<Cli, "engine"> = { engine: async () => engine };
  const importing = importLocally({ name: "web", path, format: "raw" }, { ...cli, host } as Cli);
  const error = await importing.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { error, removals: calls.filter(({ name }) => name === "disks.remove").length };
};

test("a disk that doesn't become whole is removed, though the server still sees the client for a while", async () => {
  let left = 3;
  const { error, removals } = await imported(() => {
    if (left-- > 0) throw inUse;
  });
  expect(removals).toBe(4);
  expect(error).toMatchObject({ code: "disk-unreachable" });
});

test("a disk that stays half made is named, with why it does and why it isn't whole", async () => {
  const { error } = await imported(() => {
    throw inUse;
  });
  expect(error).toMatchObject({
    code: "half-import-left",
    data: { disk: "web" },
    cause: { code: "disk-unreachable" },
  });
});
