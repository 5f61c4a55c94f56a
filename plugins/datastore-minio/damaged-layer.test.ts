import { expect, test } from "vitest";
import { BLOCK_BYTES } from "./cell.ts";
import { contentOf, datastoreOver, LAYER, newLayer, stamp } from "./testing/log-under-test.ts";
import { MemoryObjects } from "./testing/memory-objects.ts";

const SIZE = 8 * BLOCK_BYTES;
const MADE = `layers/${LAYER}/made`;

/** A bucket with a disk in it whose record is damaged, and another that is sound. */
const damagedDisk = async ({ stamped, made }: { readonly stamped: boolean; readonly made: boolean }) => {
  const objects = new MemoryObjects();
  const datastore = datastoreOver(objects);
  const sound = { layer: "sound", sizeBytes: SIZE, stamp };
  await datastore.create(sound);
  const other = await datastore.open("sound", { sizeBytes: SIZE });
  await other.write(0, Buffer.alloc(BLOCK_BYTES, 7));
  await other.close();
  const kept = new Map(objects.objects);
  const layer = await newLayer(datastore, SIZE);
  await layer.write(0, Buffer.alloc(BLOCK_BYTES, 5));
  await layer.close();
  if (stamped) await datastore.stamp(LAYER, { ...stamp, epoch: 2 });
  const isState = (key: string) => key.startsWith(`layers/${LAYER}/`) && key !== MADE;
  const [state] = [...objects.objects.keys()].filter(isState);
  if (!stamped) objects.objects.delete(state ?? "");
  objects.objects.set(made ? MADE : (state ?? ""), Buffer.from('{"version":1,'));
  return { objects, kept, datastore: datastoreOver(objects) };
};

const kinds = [
  { what: "what makes it a layer", stamped: true, made: true },
  { what: "its newest state", stamped: true, made: false },
  { what: "all there is of its record", stamped: false, made: true },
];

test.each(kinds)("a layer of which $what is damaged says so, and nothing of it is changed", async (kind) => {
  const { objects, datastore } = await damagedDisk(kind);
  const before = new Map(objects.objects);
  const told = { code: "layer-damaged", data: { layer: LAYER, datastore: "bucket" } };
  await expect(datastore.inspect(LAYER)).rejects.toMatchObject(told);
  await expect(datastore.stamp(LAYER, stamp)).rejects.toMatchObject(told);
  for (const readOnly of [false, true])
    await expect(datastore.open(LAYER, { sizeBytes: SIZE, readOnly })).rejects.toMatchObject(told);
  const listed: string[] = [];
  for await (const { layer } of datastore.list()) listed.push(layer);
  expect(listed).toEqual(["sound"]);
  expect(objects.objects).toEqual(before);
});

test.each(["what makes it a layer", "its newest state"])(
  "one changed bit of %s is told as damage, whichever it is",
  async (what) => {
    const objects = new MemoryObjects();
    await newLayer(datastoreOver(objects), SIZE);
    await datastoreOver(objects).stamp(LAYER, { ...stamp, epoch: 2 });
    const keys = [...objects.objects.keys()].filter((key) => key.startsWith(`layers/${LAYER}/`));
    const key = keys.find((one) => (one === MADE) === (what === "what makes it a layer")) ?? "";
    const bytes = objects.objects.get(key) ?? Buffer.alloc(0);
    expect(bytes.length).toBeGreaterThan(50);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes);
      changed[bit >>> 3] = (changed[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
      objects.objects.set(key, changed);
      const told = datastoreOver(objects).inspect(LAYER);
      await expect(told, `bit ${bit}`).rejects.toMatchObject({ code: "layer-damaged" });
    }
  },
);

test("what makes another a layer makes none here", async () => {
  const objects = new MemoryObjects();
  await datastoreOver(objects).create({ layer: "sound", sizeBytes: SIZE, stamp });
  objects.objects.set(MADE, objects.objects.get("layers/sound/made") ?? Buffer.alloc(0));
  await expect(datastoreOver(objects).inspect(LAYER)).rejects.toMatchObject({ code: "layer-damaged" });
});

test.each(kinds)(
  "a layer of which $what is damaged can be removed, and no other is touched",
  async (kind) => {
    const { objects, kept, datastore } = await damagedDisk(kind);
    await datastore.remove(LAYER);
    expect(await datastore.inspect(LAYER)).toBeUndefined();
    const call = { signal: new AbortController().signal, progress: () => undefined };
    const { of } = await datastore.rescue.sweep({ confirmed: true }, call);
    // Only what no key names is left to be swept.
    expect(of).toHaveLength(kind.stamped ? 0 : 1);
    expect(objects.objects).toEqual(kept);
    const layer = await datastore.open("sound", { sizeBytes: SIZE });
    expect((await contentOf(layer)).subarray(0, BLOCK_BYTES)).toEqual(Buffer.alloc(BLOCK_BYTES, 7));
    await layer.close();
  },
);

test("a removal of a damaged layer that is killed anywhere is finished by doing it again", async () => {
  const { objects, kept } = await damagedDisk({ stamped: true, made: true });
  for (let requests = 1, ended = false; !ended; requests++) {
    const store = new MemoryObjects(objects.objects);
    let left = requests;
    store.before = () => {
      if (--left < 0) throw new Error("killed");
    };
    ended = await datastoreOver(store)
      .remove(LAYER)
      .then(
        () => true,
        () => false,
      );
    store.before = () => undefined;
    await datastoreOver(store).remove(LAYER);
    expect(store.objects).toEqual(kept);
  }
});
