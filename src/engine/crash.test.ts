import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CodedError } from "../contract/index.ts";
import { crashPoints } from "../jobs/index.ts";
import { NbdClient } from "../testing/index.ts";
import { KillableEngine } from "./testing/killable-engine.ts";
import { type DiskView, type JobView, STORES } from "./testing/test-engine.ts";

const DISK_BYTES = 8 * 1024 * 1024;
const BLOCK = 4096;
const BLOCKS = DISK_BYTES / BLOCK;

/** Every point of the table, and that before the job's end is durable. */
const points = [...crashPoints, { point: "ended/before", forward: true }];

describe("a server killed at every journal edge", () => {
  let server: KillableEngine;
  let attempted = 0;
  let writer = Promise.resolve();
  const durable = new Map<number, number>();
  const table: string[] = [];

  const shown = () => server.call<DiskView>("disks.show", { name: "web" });

  beforeAll(async () => {
    server = await KillableEngine.start();
    await server.call("disks.create", { name: "web", sizeBytes: DISK_BYTES, datastore: "fast" });
  }, 60_000);
  afterAll(async () => {
    process.stdout.write(`${table.join("\n")}\n`);
    await server.end();
  });

  /** Writes block after block, each made durable, until the connection ends: what was answered counts. */
  const writeOn = async (uri: string, first: () => void) => {
    const client = await NbdClient.connect(uri);
    try {
      for (;;) {
        attempted = (attempted + 1) % BLOCKS;
        const block = attempted;
        const value = 1 + Math.floor(Math.random() * 255);
        await client.write(block * BLOCK, Buffer.alloc(BLOCK, value));
        await client.flush();
        durable.set(block, value);
        first();
      }
    } catch (error) {
      if (!CodedError.is(error, "peer-lost")) throw error;
    }
  };
  /** But for the one block whose write was not answered, which may be either. */
  const contentIsWhole = async (uri: string) => {
    const client = await NbdClient.connect(uri);
    const content = await client.read(0, DISK_BYTES);
    await client.disconnect();
    const blockOf = (block: number) => content.subarray(block * BLOCK, (block + 1) * BLOCK);
    const found = blockOf(attempted)[0] ?? 0;
    expect(blockOf(attempted).equals(Buffer.alloc(BLOCK, found))).toBe(true);
    durable.set(attempted, found);
    const wrong = [...Array(BLOCKS).keys()].filter(
      (block) => !blockOf(block).equals(Buffer.alloc(BLOCK, durable.get(block) ?? 0)),
    );
    expect(wrong).toEqual([]);
  };

  test.each(points)(
    "$point",
    async ({ point, forward }) => {
      const before = await shown();
      const from = before.datastore;
      const to = STORES.find((id) => id !== from) as string;
      const writing = new Promise<void>((first) => {
        writer = writeOn(before.exports[0]?.uri as string, first);
      });
      await writing;

      await server.killAt(point);
      const job = await server.call<JobView>("migrations.start", { disks: ["web"], to });
      expect((await server.exited).signal).toBe("SIGKILL");
      await writer;
      await server.restart();

      expect(await server.ended(job.id)).toMatchObject({
        state: forward ? "succeeded" : "failed",
        outcome: { code: forward ? "ok" : "interrupted" },
      });
      const after = await shown();
      table.push(
        `${point.padEnd(20)} ${from.padEnd(8)} -> ${after.datastore.padEnd(8)} epoch ${after.epoch}`,
      );
      expect(after).toMatchObject({
        state: "available",
        datastore: forward ? to : from,
        epoch: before.epoch + (forward ? 1 : 0),
      });
      await contentIsWhole(after.exports[0]?.uri as string);

      // One layer in the owner's store, stamped as the owner record says, nothing in the other; one socket.
      const [layer = ""] = after.layers.map((ref) => ref.layer);
      const other = STORES.find((id) => id !== after.datastore) as string;
      expect({
        owner: await server.files(after.datastore),
        other: await server.files(other),
        sockets: await server.sockets(),
      }).toEqual({ owner: [`${layer}.json`, `${layer}.raw`], other: [], sockets: [`${after.id}.sock`] });
      const { stamp } = await server.sidecar(after.datastore, layer);
      expect(stamp).toEqual({ disk: after.id, epoch: after.epoch, state: "owner" });
      expect(await server.call("migrations.show", { id: job.id })).toMatchObject({ disks: [after.id] });
    },
    60_000,
  );

  test("killed between the commit and the swaps of two disks in two threads: both are at the target", async () => {
    await server.call("disks.create", { name: "log", sizeBytes: DISK_BYTES, datastore: "fast" });
    await server.call("disks.create", { name: "data", sizeBytes: DISK_BYTES, datastore: "fast" });
    await server.killAt("switched/recorded");
    const job = await server.call<JobView>("migrations.start", { disks: ["log", "data"], to: "archive" });
    await server.exited;
    await server.restart();
    expect(await server.ended(job.id)).toMatchObject({ state: "succeeded" });
    for (const name of ["log", "data"]) {
      expect(await server.call("disks.show", { name })).toMatchObject({
        state: "available",
        datastore: "archive",
        epoch: 2,
      });
      await server.call("disks.remove", { name });
    }
  }, 60_000);

  test("afterwards a move works and removing the disk leaves nothing", async () => {
    const { datastore } = await shown();
    const to = STORES.find((id) => id !== datastore) as string;
    const job = await server.call<JobView>("migrations.start", { disks: ["web"], to });
    expect(await server.ended(job.id)).toMatchObject({ state: "succeeded", outcome: { code: "ok" } });
    await contentIsWhole((await shown()).exports[0]?.uri as string);
    await server.call("disks.remove", { name: "web" });
    for (const store of STORES) expect(await server.files(store)).toEqual([]);
    expect(await server.sockets()).toEqual([]);
  });
});
