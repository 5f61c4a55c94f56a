/** Writes and flushes without end until somebody kills it; says how many of its writes are flushed. */

import { type JournaledPlace, journaledDatastore } from "./journaled.ts";
import { contentOf } from "./log-under-test.ts";
import { writeOf, writesIn } from "./marked-writes.ts";

const WRITES_PER_FLUSH = 3;

process.on("disconnect", () => process.exit(1));
const place = JSON.parse(process.argv[2] ?? "") as JournaledPlace;
const layer = await journaledDatastore(place).open();
for (let n = (writesIn(await contentOf(layer)) ?? 0) + 1; ; n++) {
  const { offset, from } = writeOf(n);
  await layer.write(offset, from);
  if (n % WRITES_PER_FLUSH > 0) continue;
  await layer.flush();
  process.send?.(n);
}
