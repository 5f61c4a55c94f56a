import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { BLOCK_BYTES, CELL_BYTES } from "./cell.ts";
import { type CheckpointExpected, decodeCheckpoint, encodeCheckpoint } from "./checkpoint.ts";
import { ExtentMap, MOST_BLOCKS } from "./extent-map.ts";
import { ChangingMap, change } from "./testing/map-changes.ts";
import { toldBy } from "./testing/plain-map.ts";

const log = "0b5ee7f6-9d2c-4d41-8a35-4b8d1f2c6e70";
const number = 4_000_000_000;
const of = { log, number, checksum: new Uint8Array(32).fill(7), sizeBytes: MOST_BLOCKS * BLOCK_BYTES };

/** The objects of a checkpoint by their suffixes. */
type Stored = Map<string, Buffer>;

const stored = async (
  map: ExtentMap,
  partBytes?: number,
  between: () => void = () => {},
): Promise<Stored> => {
  using held = map.hold();
  const objects: Stored = new Map();
  for await (const { suffix, bytes } of encodeCheckpoint(held, of, partBytes ? { partBytes } : {})) {
    objects.set(suffix, Buffer.concat(bytes));
    between();
  }
  return objects;
};

const decoded = (objects: Stored, expected: Partial<CheckpointExpected> = {}) => {
  const part = async (suffix: string) => objects.get(suffix);
  return decodeCheckpoint(objects.get("") ?? Buffer.alloc(0), { log, number, part, ...expected });
};

const readable = async (objects: Stored) => {
  const checkpoint = await decoded(objects);
  if (typeof checkpoint === "string") throw new Error(checkpoint);
  return checkpoint;
};

/** With blocks and pieces in several regions, the last one at the end of the largest disk. */
const patchwork = (): ExtentMap => {
  const map = new ExtentMap();
  for (const block of [0, 5000, 10_000, MOST_BLOCKS - 9]) {
    map.put(block, 9, 1000 + (block % 7), 123_456);
    map.putFragment(block + 3, 2, 3, 4_294_967_294, 66_000_000);
  }
  map.add(1000, 8_000_000);
  return map;
};

test("a checkpoint is the map as it was held, whatever is written while it is made", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(change, { maxLength: 40 }),
      fc.array(change, { maxLength: 20 }),
      async (before, meanwhile) => {
        const changing = new ChangingMap(new ExtentMap());
        for (const made of before) changing.make(made);
        const expected = { ...toldBy(changing.map), segments: sorted(changing.map) };
        const objects = await stored(changing.map, 1, () => {
          for (const made of meanwhile.splice(0, 3)) changing.make(made);
        });
        const { map } = await readable(objects);
        expect({ ...toldBy(map), segments: sorted(map) }).toEqual(expected);
        expect(toldBy(changing.map).sectors).toEqual(changing.plain.sectors);
      },
    ),
    { numRuns: 50 },
  );
});

const sorted = (map: ExtentMap) => [...map.segments].sort((a, b) => a.segment - b.segment);

test("a checkpoint says what it is a checkpoint of", async () => {
  const { map, ...rest } = await readable(await stored(patchwork()));
  expect(rest).toEqual(of);
  expect(map.liveBytes(1000)).toBe(patchwork().liveBytes(1000));
});

test("a checkpoint that has been damaged anywhere, or cut anywhere, is refused", async () => {
  const objects = await stored(patchwork(), 1);
  expect([...objects.keys()]).toEqual([".1", ".2", ".3", ".4", ""]);
  for (const [suffix, bytes] of objects)
    for (let at = 0; at < bytes.length; at++) {
      const mutated = Buffer.from(bytes);
      mutated[at] = (mutated[at] ?? 0) ^ (1 << (at % 8));
      for (const damaged of [mutated, bytes.subarray(0, at)])
        expect(await decoded(new Map([...objects, [suffix, damaged]]))).toBeTypeOf("string");
    }
});

test("what is refused says why", async () => {
  const objects = await stored(patchwork(), 1);
  const head = objects.get("") ?? Buffer.alloc(0);
  const newer = Buffer.from(head);
  newer.writeUInt32LE(2, 4);
  const end = 72 + 36 * 5;
  createHash("sha256").update(newer.subarray(0, end)).digest().copy(newer, end);
  expect(await decoded(objects, { log: "another" })).toBe(`it belongs to the log ${log}`);
  expect(await decoded(objects, { number: 5 })).toBe("it was made for number 4000000000");
  expect(await decoded(new Map([["", newer]]))).toBe("its format is not known here");
  expect(await decoded(new Map([["", head]]))).toBe("part 1 of 5 is gone");
  expect(await decoded(new Map([...objects, [".2", objects.get(".1") ?? head]]))).toMatch(/^part 2 of 5 has/);
  expect(await decoded(new Map([["", Buffer.from("<xml>")]]))).toBe("it is no checkpoint");
});

test("a map that had more blocks than its disk has by now is read: its layer cuts them off", async () => {
  using held = patchwork().hold();
  const short = { ...of, sizeBytes: 10_008 * BLOCK_BYTES };
  for await (const { bytes } of encodeCheckpoint(held, short))
    expect(await decoded(new Map([["", Buffer.concat(bytes)]]))).toMatchObject({
      sizeBytes: short.sizeBytes,
    });
});

test("a run takes no more than eight bytes, whatever order the disk was written in", async () => {
  const [map, runs] = [new ExtentMap(), 20_000];
  for (let at = 0; at < runs; at++) {
    const place = (at * 7919) % runs;
    map.put(at * 16, 16, 1 + Math.floor(place / 127), (place % 127) * 16 * CELL_BYTES);
  }
  const [head = Buffer.alloc(0)] = (await stored(map)).values();
  expect(head.length).toBeLessThan(runs * 8);
});

test("a map that was held, or is emptied, has its memory back afterwards", () => {
  const map = new ExtentMap();
  const write = (segment: number) => {
    for (let block = 0; block < 2 ** 20; block += 16) map.put(block, 9, segment, block * CELL_BYTES);
  };
  write(1);
  const { bytes } = map;
  for (let segment = 2; segment < 12; segment++) {
    using held = map.hold();
    if (segment % 3 !== 0) write(segment);
    while (segment % 3 !== 1 && held.take() !== undefined);
    const before = map.bytes;
    if (segment % 3 === 0) write(segment);
    // What was taken is not copied any more.
    expect(map.bytes).toBeLessThan(1.2 * before);
  }
  expect(map.bytes).toBeLessThan(2.2 * bytes);
  map.remove(0, MOST_BLOCKS);
  expect(map.bytes).toBeLessThan(bytes / 2);
});

test("only one is held at a time", () => {
  const map = new ExtentMap();
  {
    using held = map.hold();
    expect(held.take()).toBeUndefined();
    expect(() => map.hold()).toThrow("held already");
  }
  map.hold()[Symbol.dispose]();
});
