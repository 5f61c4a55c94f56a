import assert from "node:assert/strict";
import type { LayerUnderTest } from "./layer-under-test.ts";
import { pattern } from "./model.ts";
import type { Random } from "./random.ts";

const sector = 512;
const maxSectors = 48;

interface Options {
  readonly count: number;
  readonly atOnce: number;
  readonly random: Random;
}

const operate = async (it: LayerUnderTest, kind: number, offset: number, length: number, word: string) => {
  if (kind < 4) return it.write(offset, pattern(word, offset, length));
  if (kind < 6) return it.zero(offset, length);
  const wanted = it.expected.slice(offset, length);
  assert.ok(
    Buffer.compare(await it.read(offset, length), wanted) === 0,
    `${length} bytes at ${offset} differ`,
  );
};

/**
 * Writes, zeroes and reads at random places, several at once where they don't touch, now and then a flush or a close
 * and an open; every read is compared with what must be there.
 */
export const runRandomOperations = async (it: LayerUnderTest, options: Options): Promise<void> => {
  const { random } = options;
  const sectors = it.sizeBytes / sector;
  for (let done = 0; done < options.count; ) {
    const lane = Math.floor(sectors / options.atOnce);
    await Promise.all(
      Array.from({ length: options.atOnce }, (_, index) => {
        const first = random(lane);
        const length = 1 + random(Math.min(maxSectors, lane - first));
        return operate(it, random(9), (index * lane + first) * sector, length * sector, `${done + index}`);
      }),
    );
    done += options.atOnce;
    if (random(10) === 0) await it.layer.flush();
    if (random(40) === 0) {
      await it.close();
      await it.open();
    }
  }
};
