import { statfsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { native, withoutNative } from "pagurus/native";
import { expect, test } from "vitest";
import { nodeFiles } from "./node-files.ts";

const TMPFS = 0x01021994;
const factsAt = async (path: string, how: "read" | "create") => {
  const { exactHoles, inMemory, close } = await nodeFiles(native).open(path, how);
  await close();
  return { exactHoles, inMemory };
};

test("the word for a hole is taken, and reading said not to wait, on file systems known for it and on no other", async () => {
  expect(await factsAt("/proc/self/status", "read")).toEqual({ exactHoles: false, inMemory: false });
  if (statfsSync("/dev/shm").type !== TMPFS) return;
  const folder = await mkdtemp("/dev/shm/pagurus-");
  try {
    expect(await factsAt(join(folder, "a"), "create")).toEqual({ exactHoles: true, inMemory: true });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("where it can't be told what is in memory, nothing is taken to be", async () => {
  const file = await nodeFiles(withoutNative).open("/proc/self/status", "read");
  expect(file.readCached(new Uint8Array(8), 0)).toBe(0);
  expect(await file.readLater(new Uint8Array(8), 0)).toBe(8);
  await file.close();
});

test("a large write goes to storage in pieces that keep later small writes fast, and whole to memory", async () => {
  const written = async (folder: string) => {
    const path = await mkdtemp(join(folder, "pagurus-"));
    try {
      const file = await nodeFiles(native).open(join(path, "a"), "create");
      const count = file.write(new Uint8Array(1 << 20), 0);
      await file.close();
      return count;
    } finally {
      await rm(path, { recursive: true });
    }
  };
  const disk = tmpdir();
  expect(await written(disk)).toBe(statfsSync(disk).type === TMPFS ? 1 << 20 : 1 << 16);
  if (statfsSync("/dev/shm").type === TMPFS) expect(await written("/dev/shm")).toBe(1 << 20);
});
