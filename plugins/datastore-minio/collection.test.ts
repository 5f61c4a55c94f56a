import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { BLOCK_BYTES } from "./cell.ts";
import { contentOf, datastoreOver, LAYER, newLayer } from "./testing/log-under-test.ts";
import { MemoryObjects } from "./testing/memory-objects.ts";

const BLOCKS = 48;
const SIZE = BLOCKS * BLOCK_BYTES;

const bytesBelow = (objects: MemoryObjects, prefix: string): number =>
  [...objects.objects].reduce((sum, [key, { length }]) => (key.startsWith(prefix) ? sum + length : sum), 0);

test("a crash between any two requests of collection and checkpoints loses nothing that was flushed", async () => {
  let [collected, checkpoints] = [0, 0];
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat({ max: BLOCKS * 8 - 1 }), fc.integer({ min: 1, max: 20 })), {
        minLength: 100,
        maxLength: 200,
      }),
      async (writes) => {
        const objects = new MemoryObjects();
        const left: { readonly bucket: Map<string, Buffer>; readonly flushed: number }[] = [];
        const states = [Buffer.alloc(SIZE)];
        let flushed = 0;
        const layer = await newLayer(datastoreOver(objects), SIZE);
        objects.after = ({ kind, key }) => {
          if (kind === "remove" && key.startsWith("logs/")) collected++;
          if (kind === "put" && key.startsWith("checkpoints/")) checkpoints++;
          if (kind !== "get" && kind !== "list") left.push({ bucket: new Map(objects.objects), flushed });
        };
        for (const [nr, [sector, sectors]] of writes.entries()) {
          const [offset, fill] = [sector * 512, (nr % 250) + 1];
          const length = Math.min(sectors * 512, SIZE - offset);
          await layer.write(offset, Buffer.alloc(length, fill));
          states.push(Buffer.from(states.at(-1) ?? []).fill(fill, offset, offset + length));
          if (nr % 3 !== 0) continue;
          await layer.flush();
          flushed = states.length - 1;
        }
        await layer.close();
        const reopened = await datastoreOver(objects).open(LAYER, { sizeBytes: SIZE });
        expect((await contentOf(reopened)).equals(states.at(-1) ?? Buffer.alloc(0))).toBe(true);
        await reopened.close();
        for (const { bucket, flushed: promised } of left) {
          const after = await datastoreOver(new MemoryObjects(bucket)).open(LAYER, {
            sizeBytes: SIZE,
            readOnly: true,
          });
          const found = await contentOf(after);
          expect(states.findLastIndex((state) => state.equals(found))).toBeGreaterThanOrEqual(promised);
        }
      },
    ),
    { numRuns: 5 },
  );
  expect(collected).toBeGreaterThan(0);
  expect(checkpoints).toBeGreaterThan(0);
});

test("a bucket holds little more than what is live, however often it is written over", async () => {
  const objects = new MemoryObjects();
  const layer = await newLayer(datastoreOver(objects), SIZE);
  const last = new Uint8Array(BLOCKS);
  for (let nr = 0; nr < 3000; nr++) {
    const block = (nr * 7919 + (nr >> 3)) % BLOCKS;
    last[block] = (nr % 250) + 1;
    await layer.write(block * BLOCK_BYTES, Buffer.alloc(BLOCK_BYTES, last[block]));
    if (nr % 8 !== 0) continue;
    await layer.flush();
    for (let turn = 0; turn < 8; turn++) await setImmediate();
  }
  await layer.close();
  expect(bytesBelow(objects, "logs/")).toBeLessThan(4 * SIZE);
  const reopened = await datastoreOver(objects).open(LAYER, { sizeBytes: SIZE });
  const content = await contentOf(reopened);
  for (const [block, fill] of last.entries()) expect(content[block * BLOCK_BYTES]).toBe(fill);
});
