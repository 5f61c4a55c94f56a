import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { CodedError, type Layer } from "pagurus";
import { expect, test } from "vitest";
import { BLOCK_BYTES } from "./cell.ts";
import { contentOf, datastoreOver, LAYER, newLayer } from "./testing/log-under-test.ts";
import { MemoryObjects } from "./testing/memory-objects.ts";

const BLOCKS = 24;
const SIZE = BLOCKS * BLOCK_BYTES;

const turns = async () => {
  for (let turn = 0; turn < 5; turn++) await setImmediate();
};

/** Another host's view of the same bucket: nothing is shared with this one but the objects. */
class OtherHost extends MemoryObjects {
  constructor(objects: MemoryObjects) {
    super();
    this.objects = objects.objects;
  }

  override location(key: string): string {
    return `other:${key}`;
  }
}

const write = (layer: Layer, block: number, fill: number) =>
  layer.write(block * BLOCK_BYTES, Buffer.alloc(BLOCK_BYTES, fill));

test("what a writer sends after another has taken over is never read and never answered for, whenever it arrives", async () => {
  const block = fc.nat({ max: BLOCKS - 1 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(block, fc.boolean()), { maxLength: 20 }),
      fc.array(block, { minLength: 1, maxLength: 60 }),
      fc.array(fc.tuple(block, fc.nat({ max: 3 })), { maxLength: 60 }),
      async (before, inFlight, after) => {
        const objects = new MemoryObjects();
        const first = await newLayer(datastoreOver(objects), SIZE);
        const content = new Uint8Array(BLOCKS);
        for (const [at, flushes] of before) {
          content[at] = 1 + (at % 3);
          await write(first, at, content[at]);
          if (flushes) await first.flush();
        }
        await first.flush();
        const late: (() => void)[] = [];
        objects.before = ({ kind, key }) =>
          kind === "put" && key.startsWith("logs/")
            ? new Promise((resolve) => late.push(resolve))
            : undefined;
        let acknowledged = false;
        for (const at of inFlight) await write(first, at, 100);
        first.flush().then(
          () => {
            acknowledged = true;
          },
          () => undefined,
        );
        await turns();

        const others = new OtherHost(objects);
        const second = await datastoreOver(others).open(LAYER, { sizeBytes: SIZE });
        for (const [at, deliver] of after) {
          content[at] = 200;
          await write(second, at, 200);
          await second.flush();
          if (deliver === 0) late.shift()?.();
          await turns();
        }
        for (let release = late.shift(); release; release = late.shift()) {
          release();
          await turns();
        }
        expect(acknowledged).toBe(false);
        expect([...bytesOf(await contentOf(second))]).toEqual([...content]);
        await second.close();
        const third = await datastoreOver(new OtherHost(others)).open(LAYER, { sizeBytes: SIZE });
        expect([...bytesOf(await contentOf(third))]).toEqual([...content]);
        await third.close();
        await expect(first.flush()).rejects.toBeInstanceOf(CodedError);
        await first.close();
      },
    ),
    { numRuns: 60 },
  );
});

/** The first byte of each block. */
const bytesOf = (content: Buffer): Uint8Array =>
  Uint8Array.from({ length: BLOCKS }, (_, block) => content[block * BLOCK_BYTES] ?? 0);
