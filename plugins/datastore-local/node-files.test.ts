import { statfsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { native } from "pagurus/native";
import { expect, test } from "vitest";
import { nodeFiles } from "./node-files.ts";

const TMPFS = 0x01021994;
const exactHolesAt = async (path: string, how: "read" | "create"): Promise<boolean | undefined> => {
  const file = await nodeFiles(native).open(path, how);
  await file.close();
  return file.exactHoles;
};

test("the word for a hole is taken on file systems that are known to tell the truth, and on no other", async () => {
  expect(await exactHolesAt("/proc/self/status", "read")).toBe(false);
  if (statfsSync("/dev/shm").type !== TMPFS) return;
  const folder = await mkdtemp("/dev/shm/pagurus-");
  try {
    expect(await exactHolesAt(join(folder, "a"), "create")).toBe(true);
  } finally {
    await rm(folder, { recursive: true });
  }
});
