import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LayerInfo } from "pagurus";
import { native, withoutNative } from "pagurus/native";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LocalDatastore } from "./datastore.ts";
import type { Files } from "./files.ts";
import { nodeFiles } from "./node-files.ts";

const sizeBytes = 1024 * 1024;
const stamp = { disk: "d1", epoch: 1, state: "owner" } as const;
const later = { disk: "d1", epoch: 2, state: "former" } as const;

let root = "";
let warnings: string[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "pagurus-local-"));
  warnings = [];
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const log = { debug() {}, info() {}, warn: (message: string) => void warnings.push(message), error() {} };
const over = (files: Files = nodeFiles(native)) => new LocalDatastore("local", { root }, { files, log });
const create = (datastore: LocalDatastore, layer = "a") => datastore.create({ layer, sizeBytes, stamp });
const listed = async (datastore: LocalDatastore): Promise<LayerInfo[]> => {
  const all: LayerInfo[] = [];
  for await (const info of datastore.list()) all.push(info);
  return all;
};

test("a layer is a sparse raw image that is inspected, listed, stamped anew and removed", async () => {
  const datastore = over();
  await create(datastore);
  const info = { layer: "a", sizeBytes, allocatedBytes: 0, location: join(root, "a.raw") };
  expect(await datastore.inspect("a")).toEqual({ ...info, stamp });
  await datastore.stamp("a", later);
  expect(await listed(over())).toEqual([{ ...info, stamp: later }]);
  await datastore.remove("a");
  await datastore.remove("a");
  expect(readdirSync(root)).toEqual([]);
  expect(await datastore.inspect("a")).toBeUndefined();
});

test("of several who create one layer at once one succeeds, and its stamp stands", async () => {
  const epochs = [1, 2, 3, 4, 5];
  const answers = await Promise.allSettled(
    epochs.map((epoch) => over().create({ layer: "a", sizeBytes, stamp: { ...stamp, epoch } })),
  );
  const won = epochs.filter((_, index) => answers[index]?.status === "fulfilled");
  expect(won).toHaveLength(1);
  expect(await over().inspect("a")).toMatchObject({ stamp: { epoch: won[0] } });
  for (const answer of answers)
    if (answer.status === "rejected") expect(answer.reason).toMatchObject({ code: "layer-exists" });
});

test("an image that was there first stays, and so does its content", async () => {
  writeFileSync(join(root, "a.raw"), "somebody's");
  await expect(create(over())).rejects.toThrow("layer-exists");
  expect(readdirSync(root)).toEqual(["a.raw"]);
  await expect(over().open("a", { sizeBytes })).rejects.toThrow("layer-damaged");
});

test.each(["../x", "", "A", "a/b", "a.raw", "x".repeat(129)])("the name %j is refused", async (layer) => {
  const datastore = over();
  const refused = expect.objectContaining({ code: "layer-name-invalid" });
  await expect(create(datastore, layer)).rejects.toEqual(refused);
  await expect(datastore.open(layer, { sizeBytes })).rejects.toEqual(refused);
  await expect(datastore.remove(layer)).rejects.toEqual(refused);
  await expect(datastore.inspect(layer)).rejects.toEqual(refused);
  await expect(datastore.stamp(layer, stamp)).rejects.toEqual(refused);
});

test("what is missing, too short or not what was written is refused and left as it is", async () => {
  const datastore = over();
  await expect(datastore.open("a", { sizeBytes })).rejects.toThrow("layer-not-found");
  await expect(datastore.stamp("a", stamp)).rejects.toThrow("layer-not-found");
  await create(datastore);
  await expect(datastore.open("a", { sizeBytes: sizeBytes + 512 })).rejects.toThrow("layer-too-short");
  truncateSync(join(root, "a.raw"), sizeBytes - 1);
  await expect(datastore.open("a", { sizeBytes })).rejects.toMatchObject({
    code: "layer-too-short",
    data: { actualBytes: sizeBytes - 1, sizeBytes },
  });
  rmSync(join(root, "a.raw"));
  await expect(datastore.open("a", { sizeBytes })).rejects.toThrow("layer-damaged");
  mkdirSync(join(root, "a.raw"));
  await expect(datastore.open("a", { sizeBytes, readOnly: true })).rejects.toThrow("layer-damaged");
});

test.each(["", "{", "[]", '{"format":1,"sizeBytes":1048576}', '{"format":2}'])(
  "a sidecar that holds %j is damage: named at open, warned of in the list",
  async (text) => {
    const datastore = over();
    await create(datastore);
    await create(datastore, "b");
    writeFileSync(join(root, "a.json"), text);
    await expect(datastore.open("a", { sizeBytes })).rejects.toThrow("layer-damaged");
    await expect(datastore.inspect("a")).rejects.toThrow("layer-damaged");
    expect((await listed(datastore)).map(({ layer }) => layer)).toEqual(["b"]);
    expect(warnings).toHaveLength(1);
    await datastore.remove("a");
    expect(readdirSync(root).sort()).toEqual(["b.json", "b.raw"]);
  },
);

test("an image longer than its disk is opened as long as the disk", async () => {
  const datastore = over();
  await create(datastore);
  truncateSync(join(root, "a.raw"), 2 * sizeBytes);
  const layer = await datastore.open("a", { sizeBytes: sizeBytes / 2 });
  expect(layer.sizeBytes).toBe(sizeBytes / 2);
  await layer.close();
});

test("one writer, with readers beside it, and a remover alone: also across instances", async () => {
  const [one, two] = [over(), over()];
  await create(one);
  const writer = await one.open("a", { sizeBytes });
  for (const [datastore, holder] of [
    [one, "this server"],
    [two, "another thread or server"],
  ] as const) {
    const inUse = expect.objectContaining({ data: { datastore: "local", layer: "a", holder } });
    await expect(datastore.open("a", { sizeBytes })).rejects.toEqual(inUse);
    await expect(datastore.remove("a")).rejects.toEqual(inUse);
  }
  const readers = await Promise.all([one, two].map((it) => it.open("a", { sizeBytes, readOnly: true })));
  await writer.close();
  for (const datastore of [one, two]) await expect(datastore.remove("a")).rejects.toThrow("layer-in-use");
  const next = await two.open("a", { sizeBytes });
  await Promise.all([...readers, next].map((layer) => layer.close()));
  await one.remove("a");
});

test("an image that QEMU writes is refused, and QEMU can see that we write one", async () => {
  const datastore = over();
  await create(datastore);
  const qemu = openSync(join(root, "a.raw"), "r+");
  native.lock(qemu, { kind: "shared", offset: 101, length: 1 });
  await expect(datastore.open("a", { sizeBytes })).rejects.toMatchObject({ data: { holder: "QEMU" } });
  await expect(datastore.remove("a")).rejects.toMatchObject({ data: { holder: "QEMU" } });
  closeSync(qemu);
  const layer = await datastore.open("a", { sizeBytes });
  const next = openSync(join(root, "a.raw"), "r+");
  const seen = [100, 101, 102, 103, 200, 201, 202, 203].filter(
    (offset) => native.lockable(next, { kind: "exclusive", offset, length: 1 }) === false,
  );
  expect(seen).toEqual([100, 101, 102, 103, 201, 203]);
  closeSync(next);
  await layer.close();
});

test("without the kernel's locks one instance still keeps its own writers apart, and claims no more", async () => {
  const datastore = over(nodeFiles(withoutNative));
  expect(datastore.capabilities).toEqual({ "durability-local": true, resize: true });
  await create(datastore);
  const writer = await datastore.open("a", { sizeBytes });
  await expect(datastore.open("a", { sizeBytes })).rejects.toThrow("layer-in-use");
  await expect(datastore.remove("a")).rejects.toThrow("layer-in-use");
  await writer.close();
  await datastore.remove("a");
});

test("a file system without locks is refused for writing, not trusted", async () => {
  const files = nodeFiles(native);
  const lockless: Files = {
    ...files,
    native: true,
    open: async (path, how) => ({ ...(await files.open(path, how)), lock: () => undefined }),
  };
  await create(over());
  await expect(over(lockless).open("a", { sizeBytes })).rejects.toThrow("datastore-unavailable");
  await expect(over(lockless).check()).rejects.toThrow("datastore-unavailable");
  expect(readdirSync(root).sort()).toEqual(["a.json", "a.raw"]);
});

test("a check leaves nothing behind and tells the space", async () => {
  const status = await over().check();
  expect(status).toMatchObject({ location: root });
  expect(status.availableBytes).toBeGreaterThan(0);
  expect(status.totalBytes).toBeGreaterThanOrEqual(status.availableBytes ?? 0);
  expect(readdirSync(root)).toEqual([]);
});

test("a missing directory is named by everything, and never made", async () => {
  rmSync(root, { recursive: true });
  const datastore = over();
  const unavailable = expect.objectContaining({
    code: "datastore-unavailable",
    data: { datastore: "local", reason: `its directory ${root} is missing` },
  });
  await expect(datastore.check()).rejects.toEqual(unavailable);
  await expect(create(datastore)).rejects.toEqual(unavailable);
  await expect(datastore.open("a", { sizeBytes })).rejects.toEqual(unavailable);
  await expect(datastore.inspect("a")).rejects.toEqual(unavailable);
  await expect(datastore.remove("a")).rejects.toEqual(unavailable);
  await expect(listed(datastore)).rejects.toEqual(unavailable);
  expect(existsSync(root)).toBe(false);
});

test("a file where the directory should be is named too", async () => {
  rmSync(root, { recursive: true });
  writeFileSync(root, "");
  await expect(over().check()).rejects.toMatchObject({
    code: "datastore-unavailable",
    data: { reason: expect.stringContaining("ENOTDIR") },
  });
});

test("a create that fails half-way leaves nothing behind", async () => {
  const files = nodeFiles(native);
  const full = (): Promise<never> =>
    Promise.reject(Object.assign(new Error("ENOSPC: planted"), { code: "ENOSPC" }));
  const failing: Files = {
    ...files,
    native: true,
    open: async (path, how) => {
      const file = await files.open(path, how);
      return path.endsWith(".raw") ? { ...file, truncate: full } : file;
    },
  };
  await expect(create(over(failing))).rejects.toMatchObject({ code: "no-space" });
  expect(readdirSync(root)).toEqual([]);
  await create(over());
});
