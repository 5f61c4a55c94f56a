import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { minioTest } from "../../../scripts/minio/vitest.ts";
import { type JournaledPlace, journaledDatastore } from "../testing/journaled.ts";
import { contentOf } from "../testing/log-under-test.ts";
import { writesIn } from "../testing/marked-writes.ts";
import { startWriter } from "../testing/start-writer.ts";

const LIVES = 3;
const FLUSHES_PER_LIFE = 60;

/** Answers how many of its writes the process had flushed, as far as it could tell, when it was killed. */
const writeUntilKilled = async (place: JournaledPlace): Promise<number> => {
  let left = FLUSHES_PER_LIFE;
  const writer = startWriter(place, () => {
    left--;
    if (left === 0) writer.kill();
  });
  const flushed = await writer.ended();
  expect(left).toBeLessThanOrEqual(0);
  return flushed;
};

minioTest(
  "a writer that is killed again and again loses nothing that its journal had answered for",
  { timeout: 120_000 },
  async ({ bucket, minio }) => {
    const journal = await mkdtemp(join(tmpdir(), "pagurus-journal-"));
    const place = { server: minio, bucket: bucket.name, journal };
    try {
      let flushed = 0;
      for (let life = 0; life < LIVES; life++) flushed = Math.max(flushed, await writeUntilKilled(place));
      await using used = journaledDatastore(place);
      const layer = await used.open();
      expect(writesIn(await contentOf(layer))).toBeGreaterThanOrEqual(flushed);
      expect(flushed).toBeGreaterThanOrEqual(LIVES * FLUSHES_PER_LIFE * 3);
      await layer.close();
    } finally {
      await rm(journal, { recursive: true });
    }
  },
);
