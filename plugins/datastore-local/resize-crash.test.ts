import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Layer } from "pagurus";
import { native } from "pagurus/native";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LocalDatastore } from "./datastore.ts";
import { nodeFiles } from "./node-files.ts";

const SMALL = 256 * 1024;
const LARGE = 2 * SMALL;
/** Where the end of a layer that was cut could come back. */
const LARGER = 3 * SMALL;
const stamp = { disk: "d1", epoch: 1, state: "owner" } as const;
const log = { debug() {}, info() {}, warn() {}, error() {} };
const doomed = fileURLToPath(new URL("./testing/doomed-resize.ts", import.meta.url));

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "pagurus-local-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const store = () => new LocalDatastore("local", { root }, { files: nodeFiles(native), log });
/** Whether a process of its own was killed before it had made so many steps and one more. */
const killedAfter = async (steps: number, fromBytes: number, toBytes: number): Promise<boolean> => {
  const loader = ["--import", "tsx", "--conditions=@pagurus/source"];
  const numbers = [fromBytes, toBytes, steps].map(String);
  const child = spawn(process.execPath, [...loader, doomed, root, ...numbers], { stdio: "inherit" });
  const [code, signal] = await once(child, "exit");
  if (signal !== "SIGKILL") expect(code).toBe(0);
  return signal === "SIGKILL";
};
/** Which bytes there are from here to there, each once. */
const bytesIn = async (layer: Layer, from: number, to: number): Promise<readonly number[]> => {
  const into = new Uint8Array(to - from);
  await layer.read(from, into);
  return [...new Set(into)];
};

test.each([
  ["grows", SMALL, LARGE],
  ["shrinks", LARGE, SMALL],
])(
  "killed at any step while a layer %s from %i to %i bytes, it has one of both lengths, and all that lies within",
  async (_, fromBytes, toBytes) => {
    const lengths = new Set<number>();
    let steps = 0;
    for (let killed = true; killed; steps++) {
      await store().create({ layer: "a", sizeBytes: fromBytes, stamp });
      const full = await store().open("a", { sizeBytes: fromBytes });
      full.write(0, new Uint8Array(fromBytes).fill(7));
      await full.flush();
      await full.close();
      killed = await killedAfter(steps, fromBytes, toBytes);

      const { sizeBytes = 0, stamp: found } = (await store().inspect("a")) ?? {};
      expect([fromBytes, toBytes]).toContain(sizeBytes);
      if (!killed) expect(sizeBytes).toBe(toBytes);
      expect(found).toEqual(stamp);
      lengths.add(sizeBytes);
      const kept = Math.min(fromBytes, sizeBytes);
      const layer = await store().open("a", { sizeBytes });
      expect(await bytesIn(layer, 0, kept)).toEqual([7]);
      if (sizeBytes > kept) expect(await bytesIn(layer, kept, sizeBytes)).toEqual([0]);

      // Longer than ever, nothing comes back; removed, nothing is left.
      await layer.resize(LARGER);
      expect(await bytesIn(layer, 0, kept)).toEqual([7]);
      expect(await bytesIn(layer, kept, LARGER)).toEqual([0]);
      await layer.close();
      expect(JSON.parse(readFileSync(join(root, "a.json"), "utf8"))).toMatchObject({
        sizeBytes: LARGER,
        stamp,
      });
      expect(statSync(join(root, "a.raw")).size).toBe(LARGER);
      await store().remove("a");
      expect(readdirSync(root)).toEqual([]);
    }
    // The image and its flush; the sidecar's new file, its content and its flush, its name and the directory.
    expect(steps).toBeGreaterThan(7);
    expect(lengths).toEqual(new Set([fromBytes, toBytes]));
  },
  120_000,
);
