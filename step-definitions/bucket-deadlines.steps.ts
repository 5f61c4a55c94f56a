import assert from "node:assert/strict";
import type { Disk } from "pagurus";
import { Given, Then, When } from "pagurus/steps";
import { BLOCK_BYTES } from "./lab/blocks.ts";
import { Buckets } from "./support/buckets.ts";
import type { Lab, LabPart } from "./world.ts";

const timeout = 120_000;
const PIECE_BYTES = 1024 * 1024;
/** Of what is written last: nothing before it is filled so. */
const FILL = 0xcc;

/** A guest's writes that are under way when its store is gone. */
class Held implements LabPart {
  /** What it had flushed before. */
  flushed = Buffer.alloc(0);
  writes: readonly Promise<void>[] = [];
  flush: Promise<void> | undefined;

  async end(): Promise<void> {
    await Promise.allSettled([...this.writes, this.flush]);
  }
}

const errnoOf = (error: unknown): unknown => (error as { data?: { errno?: string } }).data?.errno;
const endsInEio = (call: Promise<unknown>) => assert.rejects(call, (error) => errnoOf(error) === "EIO");

Given("{string} is waited for {int} ms", function (this: Lab, id: string, storeDeadlineMs: number) {
  this.part(Buckets).configure(id, { storeDeadlineMs });
});

When(
  "the guest of {string} writes {int} MiB at once, more than is held for it, and flushes",
  async function (this: Lab, disk: string, pieces: number) {
    const held = this.part(Held);
    const { nbd, image } = await this.connect(disk);
    held.flushed = Buffer.from(image.acknowledged);
    const piece = Buffer.alloc(PIECE_BYTES, FILL);
    held.writes = Array.from({ length: pieces }, (_, at) => nbd.write(at * PIECE_BYTES, piece));
    held.flush = Promise.race(held.writes).then(() => nbd.flush());
    for (const each of [...held.writes, held.flush]) each.catch(() => undefined);
  },
);

Then("the guest's writes that were held, and its flush, end in EIO", { timeout }, async function (this: Lab) {
  const { writes, flush } = this.part(Held);
  const ended = await Promise.allSettled(writes);
  const failed = ended.flatMap((each) => (each.status === "rejected" ? [errnoOf(each.reason)] : []));
  assert.ok(failed.length > 0, "writes were held");
  assert.deepEqual([...new Set(failed)], ["EIO"]);
  assert.ok(flush, "there is a flush");
  await endsInEio(flush);
});

Then(
  "whatever the guest of {string} writes or flushes ends in EIO",
  async function (this: Lab, disk: string) {
    const { nbd } = await this.connect(disk);
    await endsInEio(nbd.write(0, Buffer.alloc(BLOCK_BYTES, FILL)));
    await endsInEio(nbd.flush());
  },
);

When("{string} is reopened", { timeout }, async function (this: Lab, disk: string) {
  const { state } = await this.call<Disk>("disks.reopen", { name: disk, force: true });
  assert.equal(state, "available");
  const guest = await this.connect(disk);
  await guest.reconnect();
});

Then(
  "the guest of {string} finds all that it had flushed, but where it wrote since",
  async function (this: Lab, disk: string) {
    const { flushed, writes } = this.part(Held);
    const { nbd } = await this.connect(disk);
    const written = Buffer.alloc(BLOCK_BYTES, FILL);
    for (let from = 0; from < flushed.length; from += PIECE_BYTES) {
      const found = await nbd.read(from, PIECE_BYTES);
      for (let at = 0; at < PIECE_BYTES; at += BLOCK_BYTES) {
        const block = found.subarray(at, at + BLOCK_BYTES);
        const mayBeNew = from < writes.length * PIECE_BYTES && block.equals(written);
        const was = flushed.subarray(from + at, from + at + BLOCK_BYTES);
        assert.ok(mayBeNew || block.equals(was), `the block at ${from + at}`);
      }
    }
  },
);
