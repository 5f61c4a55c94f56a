import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Layer } from "pagurus";
import { native } from "pagurus/native";
import { afterEach, beforeEach, expect, test } from "vitest";
import { coldReadsAtOnce } from "./cold-reads.ts";
import { LocalDatastore } from "./datastore.ts";
import type { Files } from "./files.ts";
import { nodeFiles } from "./node-files.ts";

const SECTOR = 512;
const sizeBytes = 64 * SECTOR;
/** Of six threads a disk may take three. */
const POOL_THREADS = 6;
const log = { debug() {}, info() {}, warn() {}, error() {} };

let root = "";
let held: { readonly at: number; readonly release: (error?: Error) => void }[] = [];
let closed = false;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "pagurus-local-"));
  held = [];
  closed = false;
});
afterEach(() => rmSync(root, { recursive: true }));

/** Storage of which only the first `cachedBytes` are in memory; what waits for the rest is held. */
const cold = (cachedBytes: number): Files => {
  const files = nodeFiles(native);
  return {
    ...files,
    poolThreads: POOL_THREADS,
    open: async (path, how) => {
      const file = await files.open(path, how);
      return {
        ...file,
        inMemory: false,
        readCached: (into, at) => {
          const count = Math.max(0, Math.min(into.length, cachedBytes - at));
          return count === 0 ? 0 : file.read(into.subarray(0, count), at);
        },
        readLater: (into, at) =>
          new Promise((resolve, reject) => {
            const release = (error?: Error) => (error ? reject(error) : resolve(file.read(into, at)));
            held.push({ at, release });
          }),
        close: () => {
          closed = true;
          return file.close();
        },
      };
    },
  };
};

const opened = async (cachedBytes: number): Promise<Layer> => {
  const datastore = new LocalDatastore("local", { root }, { files: cold(cachedBytes), log });
  await datastore.create({ layer: "a", sizeBytes, stamp: { disk: "d1", epoch: 1, state: "owner" } });
  const layer = await datastore.open("a", { sizeBytes });
  for (let sector = 0; sector < 64; sector++)
    layer.write(sector * SECTOR, new Uint8Array(SECTOR).fill(sector + 1));
  return layer;
};
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("what is in memory is read at once, only the rest waits, and holds nobody up", async () => {
  const layer = await opened(4 * SECTOR);
  const into = new Uint8Array(4 * SECTOR);
  const reading = layer.read(2 * SECTOR, into);
  expect(held.map(({ at }) => at)).toEqual([4 * SECTOR]);
  expect(layer.read(0, new Uint8Array(SECTOR))).toBeUndefined();
  expect(layer.write(0, new Uint8Array(SECTOR))).toBeUndefined();
  held[0]?.release();
  await reading;
  expect([0, 1, 2, 3].map((n) => into[n * SECTOR])).toEqual([3, 4, 5, 6]);
  await layer.close();
});

test("some threads of the pool stay free, and who waits longest is next", async () => {
  const layer = await opened(0);
  const order: number[] = [];
  const reads = [0, 1, 2, 3, 4].map(async (sector) => {
    await layer.read(sector * SECTOR, new Uint8Array(SECTOR));
    order.push(sector);
  });
  expect(held.length).toBe(POOL_THREADS / 2);
  held[1]?.release();
  await settled();
  expect(held.map(({ at }) => at / SECTOR)).toEqual([0, 1, 2, 3]);
  held[2]?.release();
  await settled();
  for (const one of held) one.release();
  await Promise.all(reads);
  expect(order).toEqual([1, 2, 0, 3, 4]);
  expect([1, 2, 4, 16].map(coldReadsAtOnce)).toEqual([1, 1, 2, 8]);
  await layer.close();
});

test("a read that fails says so and gives its place away; close waits for all", async () => {
  const layer = await opened(0);
  const reads = [0, 1, 2, 3].map(async (sector) => layer.read(sector * SECTOR, new Uint8Array(SECTOR)));
  const results = Promise.allSettled(reads);
  closed = false;
  const closing = layer.close();
  held[0]?.release(Object.assign(new Error("EIO: planted"), { code: "EIO" }));
  await settled();
  expect(held.length).toBe(4);
  expect(closed).toBe(false);
  for (const one of held) one.release();
  await closing;
  expect(closed).toBe(true);
  expect((await results).map(({ status }) => status)).toEqual([
    "rejected",
    "fulfilled",
    "fulfilled",
    "fulfilled",
  ]);
  await expect(reads[0]).rejects.toMatchObject({
    code: "layer-io-failed",
    data: { operation: "read", offset: 0 },
  });
});
