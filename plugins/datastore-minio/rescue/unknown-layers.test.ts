import type { RescueCall } from "pagurus";
import { FakeClock } from "pagurus/testing";
import { expect, test } from "vitest";
import { BLOCK_BYTES } from "../cell.ts";
import { busyUpkeep, datastoreOver, LAYER, stamp } from "../testing/log-under-test.ts";
import { MemoryObjects } from "../testing/memory-objects.ts";

const SIZE = 8 * BLOCK_BYTES;
const DAY_MS = 24 * 3_600_000;
const call: RescueCall = { signal: new AbortController().signal, progress: () => undefined };

/** A bucket with a layer that was made and never used, and a disk. */
const bucketOfTwo = async () => {
  const objects = new MemoryObjects();
  const clock = new FakeClock();
  const datastore = datastoreOver(objects, {}, busyUpkeep, clock);
  for (const layer of ["unused", LAYER]) await datastore.create({ layer, sizeBytes: SIZE, stamp });
  const disk = await datastore.open(LAYER, { sizeBytes: SIZE });
  await disk.write(0, Buffer.alloc(BLOCK_BYTES, 1));
  await disk.close();
  const layers = async (): Promise<string[]> => {
    const found: string[] = [];
    for await (const { layer } of datastore.list()) found.push(layer);
    return found.sort();
  };
  return { objects, clock, datastore, rescue: datastore.rescue, layers };
};

test("a sweep tells of layers that aren't known, with whose and how old they are, and takes none of them", async () => {
  const { clock, rescue, layers } = await bucketOfTwo();
  clock.advance(DAY_MS);
  const swept = await rescue.sweep({ confirmed: true, known: [] }, call);
  expect(swept).toMatchObject({ objects: 0, unknownLayers: 2 });
  const unused = {
    layer: "unused",
    sizeBytes: SIZE,
    stamp,
    storedBytes: 0,
    changedAt: "1970-01-01T00:00:00.000Z",
  };
  const disk = {
    layer: LAYER,
    storedBytes: expect.any(Number),
    kept: expect.stringContaining("it has been in use"),
  };
  expect(swept.unknown).toEqual([expect.objectContaining(disk), unused]);
  expect(await rescue.sweep({ confirmed: true, known: [LAYER] }, call)).toMatchObject({ unknown: [unused] });
  expect(await layers()).toEqual([LAYER, "unused"]);
});

test("a layer to which nothing was ever written is removed when it is named, a day after it was made", async () => {
  const { clock, rescue, layers } = await bucketOfTwo();
  const sweep = (confirmed: boolean) => rescue.sweep({ confirmed, layer: "unused" }, call);
  clock.advance(DAY_MS - 2000);
  await expect(sweep(true)).rejects.toMatchObject({
    code: "sweep-refused",
    data: { layer: "unused", problem: expect.stringContaining("less than a day ago") },
  });
  clock.advance(2000);
  expect(await sweep(false)).toMatchObject({ done: false, objects: 1, of: ["unused"] });
  expect(await layers()).toEqual([LAYER, "unused"]);
  expect(await sweep(true)).toMatchObject({ done: true, objects: 1, of: ["unused"] });
  expect(await layers()).toEqual([LAYER]);
  await expect(sweep(true)).rejects.toMatchObject({ code: "layer-not-found" });
});

const uses = ["opened", "stamped", "known to a newer release"];

test.each(uses)("a layer that was %s since it was made is swept by nobody", async (use) => {
  const { objects, clock, datastore, rescue } = await bucketOfTwo();
  if (use === "opened") await (await datastore.open("unused", { sizeBytes: SIZE })).close();
  else if (use === "stamped") await datastore.stamp("unused", { ...stamp, epoch: 2 });
  else objects.objects.set("layers/unused/built", Buffer.from("{}"));
  clock.advance(DAY_MS);
  const before = new Map(objects.objects);
  await expect(rescue.sweep({ confirmed: true, layer: "unused" }, call)).rejects.toMatchObject({
    code: "sweep-refused",
    data: { problem: expect.stringContaining("it has been in use") },
  });
  const { unknown } = await rescue.sweep({ confirmed: true, known: [LAYER] }, call);
  expect(unknown).toMatchObject([{ layer: "unused", kept: expect.stringContaining("in use") }]);
  expect(objects.objects).toEqual(before);
});

test("a layer that is just being opened on this host is swept by nobody", async () => {
  const { objects, clock, datastore, rescue, layers } = await bucketOfTwo();
  clock.advance(DAY_MS);
  let opens = () => {};
  const opening = new Promise<void>((resolve) => {
    opens = resolve;
  });
  let goOn = () => {};
  objects.before = ({ kind, key }) => {
    if (kind !== "put" || !key.startsWith("logs/")) return;
    opens();
    return new Promise((resolve) => {
      goOn = resolve;
    });
  };
  const opened = datastore.open("unused", { sizeBytes: SIZE });
  await opening;
  await expect(rescue.sweep({ confirmed: true, layer: "unused" }, call)).rejects.toMatchObject({
    code: "layer-in-use",
  });
  objects.before = () => undefined;
  goOn();
  await (await opened).close();
  expect(await layers()).toEqual([LAYER, "unused"]);
});
