import { FakeClock } from "pagurus/testing";
import { expect, test } from "vitest";
import { BLOCK_BYTES } from "../cell.ts";
import type { MinioDatastore } from "../datastore.ts";
import { JournalHome } from "../journal/home.ts";
import { contentOf, datastoreOver, LAYER, newLayer } from "../testing/log-under-test.ts";
import { lostAndHeld } from "../testing/lost-tail.ts";
import { MemoryObjects } from "../testing/memory-objects.ts";
import { VolatileDisk } from "../testing/volatile-directory.ts";
import { usualUpkeep } from "../upkeep.ts";

const SIZE = 32 * BLOCK_BYTES;
const call = { signal: new AbortController().signal, progress: () => undefined };

/** What is said of the one layer there is. */
const inspected = async ({ rescue }: MinioDatastore) => {
  const { layers } = await rescue.examine({ layer: LAYER, verify: false }, call);
  expect(layers).toHaveLength(1);
  return { cutAt: layers[0]?.cutAt, state: layers[0]?.state, problem: layers[0]?.damage[0]?.problem };
};

test("a disk whose journal holds what its bucket has lost is opened, and neither cut nor told to be", async () => {
  const { setting, content } = await lostAndHeld();
  const { cutAt, state, problem } = await inspected(setting.datastore());
  expect([state, cutAt]).toEqual(["damaged", undefined]);
  expect(problem).toMatch(
    /it is gone.*the journal \/journal makes it whole .*segments 6 to 7.*open the disk/,
  );
  for (const confirmed of [false, true])
    await expect(setting.datastore().rescue.cut(LAYER, { cutAt: 6, confirmed }, call)).rejects.toMatchObject({
      code: "journal-needed",
      data: { cutAt: 6, path: "/journal", reason: expect.stringContaining("segments 6 to 7") },
    });
  expect(await setting.contents()).toEqual([content, content, content]);
});

const away = [
  { where: "isn't configured", directory: undefined, reason: /no journal configured/ },
  { where: "is another", directory: new VolatileDisk().directory, reason: /\/journal is .*journal/ },
  {
    where: "can't be read",
    directory: { ...new VolatileDisk().directory, open: () => Promise.reject(new Error("not mounted")) },
    reason: /not mounted/,
  },
];

test.each(away)(
  "a journal that may hold what a bucket has lost, and $where, is named before a cut",
  async ({ directory, reason }) => {
    const { setting, content } = await lostAndHeld();
    const without = setting.datastore(directory ? setting.journal(directory) : null);
    const { cutAt, state, problem } = await inspected(without);
    expect([state, cutAt]).toEqual(["damaged", undefined]);
    expect(problem).toMatch(/\(\/journal on .*\) may hold it, and .*: open the disk with that journal/);
    expect(problem).toMatch(reason);
    await expect(without.rescue.cut(LAYER, { cutAt: 6, confirmed: true }, call)).rejects.toMatchObject({
      code: "journal-needed",
      data: { reason: expect.stringMatching(reason) },
    });
    expect(await setting.contents()).toEqual([content, content, content]);
  },
);

test("once the loss of its journal is accepted a disk is told where to cut, and goes on with what came before", async () => {
  const { setting, content } = await lostAndHeld();
  const without = setting.datastore(null);
  await without.rescue.acceptLoss(LAYER, { confirmed: true }, call);
  expect(await inspected(without)).toMatchObject({
    cutAt: 6,
    problem: expect.not.stringContaining("/journal"),
  });
  await setting.done(without.rescue.cut(LAYER, { cutAt: 6, confirmed: true }, call));
  const left = Buffer.alloc(content.length);
  expect(await setting.contents()).toEqual([left, left, left]);
});

test("a disk of which an object is damaged that no journal holds is told where to cut", async () => {
  const { setting } = await lostAndHeld();
  setting.spoil(1);
  expect(await inspected(setting.datastore())).toMatchObject({
    ...{ state: "damaged", cutAt: 1 },
    problem: expect.stringMatching(/journal .* may hold what was flushed.*accept-loss.*before any repair/),
  });
});

test("a sound disk that is flushed to a journal isn't cut before that is given up, and its journal lands on no other history", async () => {
  const objects = new MemoryObjects();
  const { directory } = new VolatileDisk();
  const home = new JournalHome("bucket", "/journal", async () => directory);
  const datastore = () => datastoreOver(objects, {}, usualUpkeep, new FakeClock(), home);
  const layer = await newLayer(datastore(), SIZE);
  for (let fill = 1; fill <= 6; fill++) await layer.write(0, Buffer.alloc(8 * BLOCK_BYTES, fill));
  await layer.flush();
  // The journal has begun: what comes now is there alone.
  await layer.write(0, Buffer.alloc(BLOCK_BYTES, 7));
  await layer.flush();
  // Its server is gone without a word, and another has the directory.
  objects.location = (key) => `elsewhere:${key}`;
  const { rescue } = datastore();
  const { layers } = await rescue.examine({ verify: false }, call);
  expect(layers).toMatchObject([{ state: "sound", facts: { journal: { path: "/journal" } } }]);
  const cut = () => rescue.cut(LAYER, { cutAt: 7, confirmed: true }, call);
  await expect(cut()).rejects.toMatchObject({
    code: "journal-needed",
    data: { reason: expect.stringContaining("it holds what was flushed") },
  });
  await rescue.acceptLoss(LAYER, { confirmed: true }, call);
  await cut();
  const reopened = await datastore().open(LAYER, { sizeBytes: SIZE });
  expect((await contentOf(reopened)).subarray(0, 8 * BLOCK_BYTES)).toEqual(Buffer.alloc(8 * BLOCK_BYTES, 2));
  await reopened.close();
});
