import { mkdtempSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import type { Extent, Layer } from "pagurus";
import { type Native, native, withoutNative } from "pagurus/native";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LocalDatastore } from "./datastore.ts";
import type { Files, OpenFile } from "./files.ts";
import { nodeFiles } from "./node-files.ts";

const SECTOR = 512;
const SECTORS = 600;
const sizeBytes = SECTORS * SECTOR;
const stamp = { disk: "d1", epoch: 1, state: "owner" } as const;
const log = { debug() {}, info() {}, warn() {}, error() {} };

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "pagurus-local-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const over = (files: Files): LocalDatastore => new LocalDatastore("local", { root }, { files, log });
/** Files whose every open file is changed a little. */
const changed = (machine: Native, change: (file: OpenFile) => Partial<OpenFile>): Files => {
  const files = nodeFiles(machine);
  return {
    ...files,
    open: async (path, how) => {
      const file = await files.open(path, how);
      return { ...file, ...change(file) };
    },
  };
};
const failing = (code: string): never => {
  throw Object.assign(new Error(`${code}: planted`), { code });
};
const opened = async (datastore: LocalDatastore): Promise<Layer> => {
  await datastore.create({ layer: "a", sizeBytes, stamp });
  return datastore.open("a", { sizeBytes });
};
const collect = async (extents: AsyncIterable<Extent>): Promise<Extent[]> => {
  const all: Extent[] = [];
  for await (const extent of extents) all.push(extent);
  return all;
};

const range = fc
  .tuple(fc.nat(SECTORS - 1), fc.integer({ min: 1, max: 200 }))
  .map(([start, count]) => ({ offset: start * SECTOR, length: Math.min(count, SECTORS - start) * SECTOR }));
const operation = fc.oneof(
  fc.record({ do: fc.constant("write" as const), range, fill: fc.integer({ min: 1, max: 255 }) }),
  fc.record({ do: fc.constant("zero" as const), range }),
  fc.record({ do: fc.constant("read" as const), range }),
  fc.record({ do: fc.constant("reopen" as const) }),
);
type Operation = typeof operation extends fc.Arbitrary<infer O> ? O : never;

const shortTransfers = changed(native, (file) => ({
  read: (into, at) => file.read(into.subarray(0, Math.ceil(into.length / 2)), at),
  readCached: (into, at) => file.readCached(into.subarray(0, Math.ceil(into.length / 2)), at),
  readLater: (into, at) => file.readLater(into.subarray(0, Math.ceil(into.length / 2)), at),
  write: (from, at) => file.write(from.subarray(0, Math.ceil(from.length / 3)), at),
}));
test.each([
  ["as it is", nodeFiles(native)],
  ["where no system call can be made", nodeFiles(withoutNative)],
  ["where every transfer is cut short", shortTransfers],
])("a layer behaves like an array of bytes, %s", async (_, files) => {
  const datastore = over(files);
  const perform = async (layer: Layer, model: Uint8Array, step: Operation): Promise<Layer> => {
    if (step.do === "reopen") {
      await layer.close();
      return datastore.open("a", { sizeBytes });
    }
    const { offset, length } = step.range;
    if (step.do === "write") {
      layer.write(offset, new Uint8Array(length).fill(step.fill));
      model.fill(step.fill, offset, offset + length);
    } else if (step.do === "zero") {
      await layer.zero(offset, length);
      model.fill(0, offset, offset + length);
    } else {
      const into = new Uint8Array(length).fill(0xcc);
      await layer.read(offset, into);
      expect(Buffer.compare(into, model.subarray(offset, offset + length))).toBe(0);
    }
    return layer;
  };
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { maxLength: 20 }), async (operations) => {
      let layer = await opened(datastore);
      const model = new Uint8Array(sizeBytes);
      for (const step of operations) layer = await perform(layer, model, step);
      let at = 0;
      for (const { offset, length, kind } of await collect(layer.extents(0, sizeBytes))) {
        expect(offset).toBe(at);
        if (kind === "zero") expect(model.subarray(offset, offset + length).every((b) => b === 0)).toBe(true);
        at += length;
      }
      expect(at).toBe(sizeBytes);
      const whole = new Uint8Array(sizeBytes);
      await layer.read(0, whole);
      expect(Buffer.compare(whole, model)).toBe(0);
      await layer.close();
      await datastore.remove("a");
    }),
    { numRuns: 60 },
  );
});

test("zeroing gives space back and shows as a hole", async () => {
  const datastore = over(nodeFiles(native));
  const layer = await opened(datastore);
  layer.write(0, new Uint8Array(64 * 4096).fill(1));
  const allocated = async () => (await datastore.inspect("a"))?.allocatedBytes ?? 0;
  const before = await allocated();
  expect(layer.zero(4096 - SECTOR, 32 * 4096)).toBeUndefined();
  expect(before - (await allocated())).toBeGreaterThanOrEqual(31 * 4096);
  expect(await collect(layer.extents(0, 64 * 4096))).toEqual([
    { offset: 0, length: 4096, kind: "data" },
    { offset: 4096, length: 31 * 4096, kind: "zero" },
    { offset: 32 * 4096, length: 32 * 4096, kind: "data" },
  ]);
  await layer.close();
});

test("without holes a long range is zeroed in turns, which close waits for", async () => {
  const slice = 1024 * 1024;
  const long = 5 * slice;
  const order: string[] = [];
  const files = changed(withoutNative, (file) => ({
    write: (from, at) => {
      if (at % slice === 0) order.push("written");
      return file.write(from, at);
    },
    close: () => {
      order.push("closed");
      return file.close();
    },
  }));
  const datastore = over(files);
  await datastore.create({ layer: "long", sizeBytes: long, stamp });
  const layer = await datastore.open("long", { sizeBytes: long });
  layer.write(0, new Uint8Array(long).fill(1));
  order.length = 0;
  const zeroed = layer.zero(0, long);
  expect(zeroed).toBeInstanceOf(Promise);
  await layer.close();
  expect(order.lastIndexOf("written")).toBeGreaterThanOrEqual(4);
  expect(order.indexOf("closed")).toBe(order.length - 1);
  await zeroed;
  const again = await datastore.open("long", { sizeBytes: long, readOnly: true });
  const into = new Uint8Array(long);
  await again.read(0, into);
  expect(into.every((byte) => byte === 0)).toBe(true);
  expect(await collect(again.extents(0, long))).toEqual([{ offset: 0, length: long, kind: "data" }]);
  await again.close();
});

test("a failed sync fails the layer until it is reopened, and is never repeated", async () => {
  let syncs = 0;
  let broken = true;
  const files = changed(native, (file) => ({
    datasync: async () => {
      syncs++;
      if (broken) failing("EIO");
      await file.datasync();
    },
  }));
  const datastore = over(files);
  const layer = await opened(datastore);
  await expect(layer.flush()).rejects.toMatchObject({
    code: "layer-io-failed",
    data: { operation: "flush", datastore: "local", layer: "a", reason: "EIO: planted" },
  });
  broken = false;
  await expect(layer.flush()).rejects.toMatchObject({ code: "layer-failed" });
  expect(syncs).toBe(1);
  await layer.close();
  const again = await datastore.open("a", { sizeBytes });
  await again.flush();
  await again.close();
});

test.each([
  ["ENOSPC", { code: "no-space" }, { datastore: "local", neededBytes: SECTOR }],
  ["EDQUOT", { code: "no-space" }, { availableBytes: 0, neededBytes: SECTOR }],
  ["EIO", { code: "layer-io-failed" }, { operation: "write", offset: 1024, length: SECTOR }],
])("a write that meets %s says so", async (errno, code, data) => {
  let full = false;
  const files = changed(native, (file) => ({
    write: (from, at) => (full ? failing(errno) : file.write(from, at)),
  }));
  const layer = await opened(over(files));
  full = true;
  expect(() => layer.write(1024, new Uint8Array(SECTOR))).toThrow(
    expect.objectContaining({ ...code, data: expect.objectContaining(data) }),
  );
  await layer.close();
});

test("an image cut short while it is open is an error, not zeroes", async () => {
  const layer = await opened(over(nodeFiles(native)));
  truncateSync(join(root, "a.raw"), sizeBytes / 2);
  await expect((async () => layer.read(0, new Uint8Array(sizeBytes)))()).rejects.toThrow("layer-io-failed");
  await layer.close();
});

test("a closed layer refuses everything, a reader refuses changes", async () => {
  const datastore = over(nodeFiles(native));
  const layer = await opened(datastore);
  const reader = await datastore.open("a", { sizeBytes, readOnly: true });
  expect(() => reader.write(0, new Uint8Array(SECTOR))).toThrow("layer-read-only");
  expect(() => reader.zero(0, SECTOR)).toThrow("layer-read-only");
  await layer.close();
  await layer.close();
  expect(() => layer.read(0, new Uint8Array(SECTOR))).toThrow("layer-closed");
  await expect(layer.flush()).rejects.toThrow("layer-closed");
  await expect(collect(layer.extents(0, SECTOR))).rejects.toThrow("layer-closed");
  await reader.close();
});

test("zeroes are fast where the file system punches holes, and that is found out without changing a byte", async () => {
  const layer = await opened(over(nodeFiles(native)));
  expect(layer.fastZero).toBe(true);
  await layer.close();
  const without = changed(native, () => ({ punchHole: () => false }));
  const emulated = await over(without).open("a", { sizeBytes });
  expect(emulated.fastZero).toBe(false);
  await emulated.close();
});

test("where a file is as long as it may be and nothing can be asked beyond, zeroes aren't called fast", async () => {
  const files = changed(native, () => ({ punchHole: () => failing("EFBIG") }));
  const layer = await opened(over(files));
  expect(layer.fastZero).toBe(false);
  await layer.close();
});

test("a closed layer's descriptor may be another file's: it isn't asked whether it punches holes", async () => {
  const punched: number[] = [];
  const layer = await opened(over(changed(native, () => ({ punchHole: (at) => punched.push(at) > 0 }))));
  await layer.close();
  expect(layer.fastZero).toBe(false);
  expect(punched).toEqual([]);
});

test("what will be read is asked for, until the layer is closed", async () => {
  const asked: number[][] = [];
  const files = changed(native, () => ({ willNeed: (at, length) => void asked.push([at, length]) }));
  const layer = await opened(over(files));
  layer.prefetch?.(SECTOR, 4 * SECTOR);
  await layer.close();
  layer.prefetch?.(0, SECTOR);
  expect(asked).toEqual([[SECTOR, 4 * SECTOR]]);
});
