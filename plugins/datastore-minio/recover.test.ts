import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { dumpObjects } from "./testing/dump.ts";
import { busyUpkeep, contentOf, datastoreOver, LAYER, newLayer, stamp } from "./testing/log-under-test.ts";
import { MemoryObjects } from "./testing/memory-objects.ts";
import { usualUpkeep } from "./upkeep.ts";

const SECTOR = 512;
const SIZE = 97 * SECTOR;
const tool = fileURLToPath(new URL("testing/recover.py", import.meta.url));
const python = (...words: readonly string[]) => promisify(execFile)("python3", [tool, ...words]);

const onPython = test.skipIf(spawnSync("python3", ["--version"]).status !== 0);

const change = fc.record({
  kind: fc.constantFrom(
    "write" as const,
    "write" as const,
    "write" as const,
    "zero" as const,
    "flush" as const,
  ),
  sector: fc.nat({ max: SIZE / SECTOR - 1 }),
  sectors: fc.integer({ min: 1, max: 24 }),
});

/** A fresh folder with the objects in it. */
const folderOf = async (objects: MemoryObjects): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), "recover-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await dumpObjects(objects.objects, folder);
  return folder;
};

onPython(
  "the README is enough to read a disk from its bucket",
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { minLength: 20, maxLength: 120 }),
        fc.constantFrom(busyUpkeep, usualUpkeep),
        async (changes, upkeep) => {
          const objects = new MemoryObjects();
          let layer = await newLayer(datastoreOver(objects, {}, upkeep), SIZE);
          for (const [at, { kind, sector, sectors }] of changes.entries()) {
            const [offset, length] = [sector * SECTOR, Math.min(sectors * SECTOR, SIZE - sector * SECTOR)];
            if (kind === "write") await layer.write(offset, Buffer.alloc(length, (at % 255) + 1));
            else if (kind === "zero") await layer.zero(offset, length);
            else await layer.flush();
            if (at !== Math.floor(changes.length / 2)) continue;
            await layer.flush();
            await layer.close();
            layer = await datastoreOver(objects, {}, upkeep).open(LAYER, { sizeBytes: SIZE });
          }
          await layer.flush();
          const content = await contentOf(layer);
          await layer.close();
          const folder = await folderOf(objects);
          const image = join(folder, "image");
          await python(folder, LAYER, image);
          expect((await readFile(image)).equals(content)).toBe(true);
        },
      ),
      { numRuns: 15 },
    );
  },
  120_000,
);

onPython("the tool lists layers with their newest state, and refuses what is damaged", async () => {
  const objects = new MemoryObjects();
  const datastore = datastoreOver(objects);
  const layer = await newLayer(datastore, SIZE);
  for (let fill = 1; fill < 6; fill++) {
    await layer.write(0, Buffer.alloc(SIZE, fill));
    await layer.flush();
  }
  await layer.close();
  await datastore.stamp(LAYER, { ...stamp, epoch: 7 });
  const folder = await folderOf(objects);
  const { stdout } = await python(folder);
  expect(JSON.parse(stdout.slice(LAYER.length))).toMatchObject({ sizeBytes: SIZE, stamp: { epoch: 7 } });
  for (const [key, bytes] of [...objects.objects].filter(([name]) => name.startsWith("logs/")).slice(-2)) {
    const changed = new MemoryObjects(objects.objects);
    changed.objects.set(key, Buffer.concat([bytes.subarray(0, 5), Buffer.from("?"), bytes.subarray(6)]));
    const gone = new MemoryObjects(objects.objects);
    gone.objects.delete(key);
    for (const store of [changed, gone]) {
      const damaged = await folderOf(store);
      await expect(python(damaged, LAYER, join(damaged, "image"))).rejects.toMatchObject({ code: 1 });
    }
  }
});
