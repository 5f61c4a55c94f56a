import fc from "fast-check";
import type { Extent, Layer } from "pagurus";
import { expect, test } from "vitest";
import { CHUNK_BYTES } from "./chunks.ts";
import { MemoryDatastore } from "./datastore.ts";

const SECTOR = 512;
const SECTORS = (3 * CHUNK_BYTES) / SECTOR + 1;
const sizeBytes = SECTORS * SECTOR;
const stamp = { disk: "d1", epoch: 1, state: "owner" } as const;

const collect = async (extents: AsyncIterable<Extent>): Promise<Extent[]> => {
  const all: Extent[] = [];
  for await (const extent of extents) all.push(extent);
  return all;
};

const made = async (asynchronous = false): Promise<MemoryDatastore> => {
  const datastore = new MemoryDatastore("memory", { asynchronous });
  await datastore.create({ layer: "a", sizeBytes, stamp });
  return datastore;
};

const range = fc
  .tuple(fc.nat(SECTORS - 1), fc.integer({ min: 1, max: 300 }))
  .map(([start, count]) => ({ offset: start * SECTOR, length: Math.min(count, SECTORS - start) * SECTOR }));
const operation = fc.oneof(
  fc.record({ do: fc.constant("write" as const), range, fill: fc.integer({ min: 1, max: 255 }) }),
  fc.record({ do: fc.constant("zero" as const), range }),
  fc.record({ do: fc.constant("read" as const), range }),
);

const expectTruth = (extents: readonly Extent[], model: Uint8Array): void => {
  let at = 0;
  for (const { offset, length, kind } of extents) {
    expect(offset).toBe(at);
    if (kind !== "data")
      expect(model.subarray(offset, offset + length).every((byte) => byte === 0)).toBe(true);
    at += length;
  }
  expect(at).toBe(model.length);
};

test.each([false, true])(
  "a layer behaves like an array of bytes (asynchronous: %s)",
  async (asynchronous) => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 20 }), async (operations) => {
        const datastore = await made(asynchronous);
        const layer = await datastore.open("a", { sizeBytes });
        const model = new Uint8Array(sizeBytes);
        for (const step of operations) {
          const { offset, length } = step.range;
          if (step.do === "write") {
            const bytes = new Uint8Array(length).fill(step.fill);
            await layer.write(offset, bytes);
            bytes.fill(0xee);
            model.fill(step.fill, offset, offset + length);
          } else if (step.do === "zero") {
            await layer.zero(offset, length);
            model.fill(0, offset, offset + length);
          } else {
            const into = new Uint8Array(length).fill(0xcc);
            await layer.read(offset, into);
            expect(Buffer.compare(into, model.subarray(offset, offset + length))).toBe(0);
          }
        }
        expectTruth(await collect(layer.extents(0, sizeBytes)), model);
      }),
    );
  },
);

test("operations answer nothing at once, or a promise before whose end nothing happens", async () => {
  const bytes = new Uint8Array(SECTOR).fill(7);
  const readBack = async (layer: Layer): Promise<number | undefined> => {
    const into = new Uint8Array(SECTOR);
    await layer.read(0, into);
    return into[0];
  };
  const atOnce = await (await made()).open("a", { sizeBytes });
  expect(atOnce.write(0, bytes)).toBeUndefined();
  expect(await readBack(atOnce)).toBe(7);

  const later = await (await made(true)).open("a", { sizeBytes });
  const written = later.write(0, bytes);
  expect(written).toBeInstanceOf(Promise);
  bytes.fill(8);
  await written;
  expect(await readBack(later)).toBe(8);
});

test("zeroed chunks give their memory back", async () => {
  const datastore = await made();
  const layer = await datastore.open("a", { sizeBytes });
  layer.write(0, new Uint8Array(3 * CHUNK_BYTES).fill(1));
  expect(await datastore.inspect("a")).toMatchObject({ allocatedBytes: 3 * CHUNK_BYTES, sizeBytes, stamp });
  layer.zero(SECTOR, 2 * CHUNK_BYTES);
  expect(await datastore.inspect("a")).toMatchObject({ allocatedBytes: 2 * CHUNK_BYTES });
});

test("one writer, readers beside it, and no removal under any of them", async () => {
  const datastore = await made();
  const writer = await datastore.open("a", { sizeBytes });
  const inUse = expect.objectContaining({ code: "layer-in-use" });
  await expect(datastore.open("a", { sizeBytes })).rejects.toEqual(inUse);
  const reader = await datastore.open("a", { sizeBytes, readOnly: true });
  expect(() => reader.write(0, new Uint8Array(SECTOR))).toThrow("layer-read-only");
  await writer.close();
  await writer.close();
  expect(() => writer.read(0, new Uint8Array(SECTOR))).toThrow("layer-closed");
  await expect(datastore.remove("a")).rejects.toEqual(inUse);
  await reader.close();
  await datastore.remove("a");
  await datastore.remove("a");
  expect(await datastore.inspect("a")).toBeUndefined();
});

test("what is missing, there already, too short or badly named is refused", async () => {
  const datastore = await made();
  await expect(datastore.create({ layer: "a", sizeBytes, stamp })).rejects.toThrow("layer-exists");
  await expect(datastore.open("b", { sizeBytes })).rejects.toThrow("layer-not-found");
  await expect(datastore.stamp("b", stamp)).rejects.toThrow("layer-not-found");
  await expect(datastore.open("a", { sizeBytes: sizeBytes + SECTOR })).rejects.toThrow("layer-too-short");
  await expect(datastore.create({ layer: "../x", sizeBytes, stamp })).rejects.toThrow("layer-name-invalid");
});
