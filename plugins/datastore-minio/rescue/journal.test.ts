import { FakeClock } from "pagurus/testing";
import { expect, test } from "vitest";
import { BLOCK_BYTES } from "../cell.ts";
import { JournalHome } from "../journal/home.ts";
import { datastoreOver, LAYER, newLayer } from "../testing/log-under-test.ts";
import { MemoryObjects } from "../testing/memory-objects.ts";
import { VolatileDisk } from "../testing/volatile-directory.ts";
import { usualUpkeep } from "../upkeep.ts";

const SIZE = 32 * BLOCK_BYTES;
const call = { signal: new AbortController().signal, progress: () => undefined };

test("a journal is named, and after a cut it doesn't fit: what it holds never lands on another history", async () => {
  const objects = new MemoryObjects();
  const { directory } = new VolatileDisk();
  const home = new JournalHome("bucket", "/journal", async () => directory);
  const datastore = () => datastoreOver(objects, {}, usualUpkeep, new FakeClock(), home);
  const layer = await newLayer(datastore(), SIZE);
  for (let fill = 1; fill <= 6; fill++) await layer.write(0, Buffer.alloc(8 * BLOCK_BYTES, fill));
  await layer.write(0, Buffer.alloc(BLOCK_BYTES, 7));
  await layer.flush();
  // Its server is gone without a word, and another has the directory.
  objects.location = (key) => `elsewhere:${key}`;
  const { rescue } = datastore();
  const { layers } = await rescue.examine({ verify: false }, call);
  expect(layers).toMatchObject([{ state: "sound", facts: { journal: { path: "/journal" } } }]);
  await rescue.cut(LAYER, { cutAt: 7, confirmed: true }, call);
  await expect(datastore().open(LAYER, { sizeBytes: SIZE })).rejects.toMatchObject({ code: "journal-unfit" });
});
