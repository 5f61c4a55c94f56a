/** Writes to a disk until it is killed: random blocks, a flush after some of them. */
import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "../../src/contract/index.ts";
import { newPattern } from "../load/data.ts";
import { LAYER, openDatastore } from "./in-process.ts";
import { FLUSH_EVERY } from "./works.ts";

const BLOCK_BYTES = 4096;
const Task = z.object({
  section: z.record(z.string(), z.json()),
  sizeBytes: z.int(),
  /** Said to be written after so many. */
  flushes: z.int(),
});

const { section, sizeBytes, flushes } = Task.parse(JSON.parse(process.argv[2] ?? ""));
const layer = await openDatastore(section).datastore.open(LAYER, { sizeBytes });
const block = newPattern(BLOCK_BYTES);
for (let flush = 0; flush < flushes; flush++) {
  for (let write = 0; write < FLUSH_EVERY; write++)
    await layer.write(randomInt(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES, block);
  if (flush + 1 < flushes) await layer.flush();
}
process.stdout.write("written\n");
for (;;) await sleep(1000);
