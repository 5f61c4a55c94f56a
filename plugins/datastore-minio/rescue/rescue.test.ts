import { CodedError, type RescueCall } from "pagurus";
import { expect, test } from "vitest";
import { BLOCK_BYTES } from "../cell.ts";
import { busyUpkeep, contentOf, datastoreOver, LAYER, newLayer, stamp } from "../testing/log-under-test.ts";
import { MemoryObjects } from "../testing/memory-objects.ts";
import { blocksThatFail } from "../testing/never-wrong.ts";
import { type Upkeep, usualUpkeep } from "../upkeep.ts";

const BLOCKS = 32;
const SIZE = BLOCKS * BLOCK_BYTES;
const WRITES = 12;

const call: RescueCall = { signal: new AbortController().signal, progress: () => undefined };

/** A closed disk, and what it held after each of its writes: each has one log object, and there are no checkpoints. */
const writtenDisk = async (upkeep: Upkeep = usualUpkeep) => {
  const objects = new MemoryObjects();
  const layer = await newLayer(datastoreOver(objects, {}, upkeep), SIZE);
  const states: Buffer[] = [];
  const model = Buffer.alloc(SIZE);
  for (let at = 0; at < WRITES; at++) {
    const offset = ((at * 5) % BLOCKS) * BLOCK_BYTES;
    const [from, length] = at % 3 === 2 ? [offset + 512, 1024] : [offset, 2 * BLOCK_BYTES];
    const bytes = Buffer.alloc(Math.min(length, SIZE - from), at + 1);
    await layer.write(from, bytes);
    bytes.copy(model, from);
    await layer.flush();
    states.push(Buffer.from(model));
  }
  await layer.close();
  const keys = [...objects.objects.keys()].filter((key) => /^(logs|checkpoints)\//.test(key)).sort();
  return { objects, states, content: model, keys };
};

const numberIn = (key: string): number => Number(key.slice(-16));

const damaged = (objects: MemoryObjects, key: string, at: number): MemoryObjects => {
  const copy = new MemoryObjects(objects.objects);
  const bytes = Buffer.from(copy.objects.get(key) ?? []);
  bytes[at] = (bytes[at] ?? 0) ^ 0x40;
  copy.objects.set(key, bytes);
  return copy;
};

const without = (objects: MemoryObjects, key: string): MemoryObjects => {
  const copy = new MemoryObjects(objects.objects);
  copy.objects.delete(key);
  return copy;
};

test("a bucket says by itself whose disks it holds, and how they are", async () => {
  const { objects } = await writtenDisk();
  const { layers, strayObjects } = await datastoreOver(objects).rescue.examine({ verify: true }, call);
  expect(strayObjects).toBe(0);
  expect(layers).toMatchObject([{ layer: LAYER, state: "sound", sizeBytes: SIZE, stamp, damage: [] }]);
  expect(layers[0]?.facts).toMatchObject({
    window: 4,
    objects: WRITES + 1,
    lowestNumber: 1,
    fences: [1],
    strays: 0,
  });
});

test("looking at an empty bucket makes nothing there", async () => {
  const objects = new MemoryObjects();
  expect(await datastoreOver(objects).rescue.examine({ verify: true }, call)).toMatchObject({ layers: [] });
  expect(objects.objects.size).toBe(0);
});

test.each([
  { kind: "log", upkeep: usualUpkeep },
  { kind: "log with checkpoints", upkeep: busyUpkeep },
])(
  "whatever byte of an object of a $kind is damaged, it is found, and no block reads wrong",
  async ({ upkeep }) => {
    const { objects, content, keys } = await writtenDisk(upkeep);
    for (const key of keys) {
      const { length } = objects.objects.get(key) ?? [];
      const step = Math.max(1, Math.floor((length ?? 0) / 16));
      for (let at = 0; at < (length ?? 0); at += step) {
        const store = damaged(objects, key, at);
        const datastore = datastoreOver(store);
        const { layers } = await datastore.rescue.examine({ verify: true }, call);
        expect(layers[0]?.damage.map(({ object }) => object)).toContain(store.location(key));
        const layer = await datastore
          .open(LAYER, { sizeBytes: SIZE, readOnly: true })
          .catch((error: unknown) => {
            expect(CodedError.is(error, "object-damaged")).toBe(true);
            return undefined;
          });
        if (layer === undefined) continue;
        const failed = await blocksThatFail(layer, content);
        const told = layers[0]?.damage.flatMap(({ ranges }) => ranges) ?? [];
        for (const block of failed)
          expect(
            told.some(
              ({ offset, length: bytes }) =>
                offset < (block + 1) * BLOCK_BYTES && offset + bytes > block * BLOCK_BYTES,
            ),
          ).toBe(true);
      }
    }
  },
  60_000,
);

test("an object that is gone, or cut short, is named with what was written from there on", async () => {
  const { objects, states, keys } = await writtenDisk();
  const key = keys[6] ?? "";
  const short = new MemoryObjects(objects.objects);
  short.objects.set(key, (short.objects.get(key) ?? Buffer.alloc(0)).subarray(0, -40));
  for (const store of [without(objects, key), short]) {
    const { rescue } = datastoreOver(store);
    const { layers } = await rescue.examine({ layer: LAYER, verify: false }, call);
    expect(layers[0]).toMatchObject({ state: "damaged", cutAt: numberIn(key) });
    expect(layers[0]?.damage[0]?.object).toBe(store.location(key));
    expect(layers[0]?.damage[0]?.bytes).toBeGreaterThan(0);
    const remains = await rescue.openRemains(LAYER, { signal: call.signal });
    const found = await contentOf(remains);
    // The first object is the fence.
    expect(found.equals(states[4] ?? Buffer.alloc(0))).toBe(true);
    await remains.close();
  }
});

test("what remains can be had as of any number", async () => {
  const { objects, states, keys } = await writtenDisk();
  const { rescue } = datastoreOver(objects);
  for (const [at, key] of keys.slice(2).entries()) {
    const remains = await rescue.openRemains(LAYER, { before: numberIn(key), signal: call.signal });
    expect((await contentOf(remains)).equals(states[at] ?? Buffer.alloc(0))).toBe(true);
    await remains.close();
  }
});

test("a log whose layer is gone is told, read under its own name, and swept only when asked", async () => {
  const { objects, content } = await writtenDisk();
  const store = new MemoryObjects(
    new Map([...objects.objects].filter(([key]) => !key.startsWith("layers/"))),
  );
  const { rescue } = datastoreOver(store);
  const { layers } = await rescue.examine({ verify: false }, call);
  expect(layers).toMatchObject([{ state: "orphaned", sizeBytes: SIZE, damage: [] }]);
  const log = layers[0]?.layer ?? "";
  const remains = await rescue.openRemains(log, { signal: call.signal });
  expect((await contentOf(remains)).equals(content)).toBe(true);
  await remains.close();
  const before = store.objects.size;
  const plan = await rescue.sweep({ confirmed: false }, call);
  expect(plan).toMatchObject({ done: false, objects: before, of: [log] });
  expect(store.objects.size).toBe(before);
  expect(await rescue.sweep({ confirmed: true }, call)).toEqual({ ...plan, done: true });
  expect(store.objects.size).toBe(0);
});

test("a layer whose record can't be read is damaged, and what it may own is not swept", async () => {
  const { objects } = await writtenDisk();
  const store = new MemoryObjects(objects.objects);
  store.objects.set(`layers/${LAYER}/made`, Buffer.from("{"));
  const { rescue } = datastoreOver(store);
  const { layers } = await rescue.examine({ verify: false }, call);
  expect(layers.map(({ state }) => state).sort()).toEqual(["damaged", "orphaned"]);
  await expect(rescue.sweep({ confirmed: true }, call)).rejects.toMatchObject({ code: "object-damaged" });
  expect(store.objects.size).toBe(objects.objects.size);
});

test("a cut says what it takes, takes nothing before it is confirmed, and destroys nothing", async () => {
  const { objects, states, keys } = await writtenDisk();
  const key = keys[6] ?? "";
  const cutAt = numberIn(key);
  const store = damaged(objects, key, (objects.objects.get(key)?.length ?? 0) - 20);
  const before = new Map(store.objects);
  const datastore = datastoreOver(store);
  const plan = await datastore.rescue.cut(LAYER, { cutAt, confirmed: false }, call);
  expect(plan).toMatchObject({ done: false, cutAt, objects: WRITES - 5, untold: 1 });
  expect(store.objects).toEqual(before);
  expect(await datastore.rescue.cut(LAYER, { cutAt, confirmed: true }, call)).toEqual({
    ...plan,
    done: true,
  });
  for (const [name, bytes] of before)
    expect([name, `lost/${name}`].some((key) => store.objects.get(key)?.equals(bytes))).toBe(true);
  const layer = await datastore.open(LAYER, { sizeBytes: SIZE });
  expect((await contentOf(layer)).equals(states[4] ?? Buffer.alloc(0))).toBe(true);
  await layer.write(0, Buffer.alloc(512, 0x77));
  await layer.flush();
  await layer.close();
  const again = await datastoreOver(store).open(LAYER, { sizeBytes: SIZE, readOnly: true });
  const expected = Buffer.from(states[4] ?? Buffer.alloc(0)).fill(0x77, 0, 512);
  expect((await contentOf(again)).equals(expected)).toBe(true);
  const { layers } = await datastore.rescue.examine({ verify: true }, call);
  expect(layers).toMatchObject([{ state: "sound" }]);
});

test("a cut behind the damage is refused and says where", async () => {
  const { objects, keys } = await writtenDisk();
  const key = keys[6] ?? "";
  const { rescue } = datastoreOver(without(objects, key));
  const cut = (cutAt: number) => rescue.cut(LAYER, { cutAt, confirmed: true }, call);
  await expect(cut(numberIn(key) + 1)).rejects.toMatchObject({
    code: "cut-refused",
    data: { instead: String(numberIn(key)) },
  });
  await expect(
    datastoreOver(objects).rescue.cut(LAYER, { cutAt: 900, confirmed: true }, call),
  ).rejects.toMatchObject({
    code: "cut-refused",
  });
  await expect(rescue.cut("nobody", { cutAt: 1, confirmed: true }, call)).rejects.toMatchObject({
    code: "layer-not-found",
  });
});

test("a log of very many objects is cut like a short one", async () => {
  const { objects, keys } = await writtenDisk();
  const [first = "", second = ""] = keys;
  const many = 130_000;
  for (let number = 100; number < 100 + many; number++)
    objects.objects.set(first.replace(/\d{16}$/, String(number).padStart(16, "0")), Buffer.alloc(1));
  const { rescue } = datastoreOver(objects);
  const plan = await rescue.cut(LAYER, { cutAt: numberIn(second), confirmed: false }, call);
  expect(plan).toMatchObject({ done: false, objects: many + WRITES, untold: many });
}, 60_000);

test("a layer that is open for writing isn't cut", async () => {
  const { objects } = await writtenDisk();
  const datastore = datastoreOver(objects);
  const layer = await datastore.open(LAYER, { sizeBytes: SIZE });
  await expect(datastore.rescue.cut(LAYER, { cutAt: 6, confirmed: true }, call)).rejects.toMatchObject({
    code: "layer-in-use",
  });
  await layer.close();
});

test("a cut that is killed anywhere leaves the damage or the cut, and is made by doing it again", async () => {
  const { objects, states, keys } = await writtenDisk();
  const key = keys[6] ?? "";
  const cutAt = numberIn(key);
  for (let dies = 1; ; dies++) {
    const store = without(objects, key);
    let changes = 0;
    store.before = ({ kind }) => {
      if (["put", "remove", "copy"].includes(kind) && ++changes >= dies) throw new Error("killed");
    };
    const killed = await datastoreOver(store)
      .rescue.cut(LAYER, { cutAt, confirmed: true }, call)
      .then(
        () => false,
        () => true,
      );
    store.before = () => undefined;
    const { rescue } = datastoreOver(store);
    const open = () => datastoreOver(store).open(LAYER, { sizeBytes: SIZE, readOnly: true });
    if (killed) {
      await expect(open()).rejects.toMatchObject({ code: "object-damaged" });
      await rescue.cut(LAYER, { cutAt, confirmed: true }, call);
    }
    expect((await contentOf(await open())).equals(states[4] ?? Buffer.alloc(0))).toBe(true);
    if (!killed) break;
  }
});

test("a writer elsewhere that is still at work promises nothing after a cut", async () => {
  const { objects } = await writtenDisk();
  // On another host: nothing of this one keeps them apart.
  const elsewhere = datastoreOver(objects);
  const writer = await elsewhere.open(LAYER, { sizeBytes: SIZE });
  await writer.write(0, Buffer.alloc(4096, 0x55));
  await writer.flush();
  const shared = Object.assign(new MemoryObjects(), {
    objects: objects.objects,
    location: (key: string) => `other-name:${key}`,
  });
  await datastoreOver(shared).rescue.cut(LAYER, { cutAt: 6, confirmed: true }, call);
  await writer.write(0, Buffer.alloc(4096, 0x66));
  await expect(writer.flush()).rejects.toMatchObject({ code: "layer-io-failed" });
  await writer.close();
});

test("an object that was put in the place of another is damage, and no block reads wrong", async () => {
  const { objects, content, keys } = await writtenDisk(busyUpkeep);
  const others = (await writtenDisk(busyUpkeep)).objects.objects;
  const foreign = [...others].filter(([key]) => key.startsWith("logs/")).map(([, bytes]) => bytes);
  for (const [at, key] of keys.entries())
    for (const bytes of [objects.objects.get(keys[at - 1] ?? keys[1] ?? ""), foreign[at % foreign.length]]) {
      const store = new MemoryObjects(objects.objects);
      store.objects.set(key, bytes ?? Buffer.alloc(0));
      const datastore = datastoreOver(store);
      const { layers } = await datastore.rescue.examine({ layer: LAYER, verify: true }, call);
      expect(layers[0]?.damage.map(({ object }) => object)).toContain(store.location(key));
      const layer = await datastore.open(LAYER, { sizeBytes: SIZE, readOnly: true }).catch(() => undefined);
      if (layer !== undefined) await blocksThatFail(layer, content);
    }
}, 60_000);

test("what was cut off and is put back under the new objects' numbers is damage", async () => {
  const { objects, keys } = await writtenDisk();
  const datastore = datastoreOver(objects);
  await datastore.rescue.cut(LAYER, { cutAt: numberIn(keys[6] ?? ""), confirmed: true }, call);
  const layer = await datastore.open(LAYER, { sizeBytes: SIZE });
  await layer.write(0, Buffer.alloc(512, 0x77));
  await layer.flush();
  await layer.close();
  for (const [key, bytes] of [...objects.objects])
    if (key.startsWith("lost/")) objects.objects.set(key.slice("lost/".length), bytes);
  await expect(datastoreOver(objects).open(LAYER, { sizeBytes: SIZE, readOnly: true })).rejects.toMatchObject(
    {
      code: "object-damaged",
    },
  );
});

test("a bucket that is put back whole is a disk of that time", async () => {
  const { objects, states, keys } = await writtenDisk();
  const store = new MemoryObjects(objects.objects);
  for (const key of keys.slice(6)) store.objects.delete(key);
  // What its record was then.
  for (const key of store.objects.keys()) if (/^layers\/.*\d$/.test(key)) store.objects.delete(key);
  const layer = await datastoreOver(store).open(LAYER, { sizeBytes: SIZE, readOnly: true });
  expect(await blocksThatFail(layer, states[4] ?? Buffer.alloc(0))).toEqual([]);
});

test("what a writer does while somebody looks is no damage", async () => {
  const objects = new MemoryObjects();
  const layer = await newLayer(datastoreOver(objects), SIZE);
  const write = async (fill: number) => {
    await layer.write(0, Buffer.alloc(SIZE, fill));
    await layer.flush();
  };
  for (let fill = 1; fill < 9; fill++) await write(fill);
  for (let when = 1; when < 12; when++) {
    let seen = 0;
    objects.before = ({ kind }) => {
      // The writer's own requests go on at once.
      if (kind === "put" || kind === "remove" || ++seen !== when) return;
      return write(when + 100);
    };
    const { layers } = await datastoreOver(objects).rescue.examine({ verify: true }, call);
    objects.before = () => undefined;
    expect(layers).toMatchObject([{ state: "sound", damage: [] }]);
  }
  await layer.close();
});
