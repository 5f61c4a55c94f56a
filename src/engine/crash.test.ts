import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CodedError, type Engine } from "../contract/index.ts";
import { crashPoints } from "../jobs/index.ts";
import { NbdClient, type ServerProcess, startServer } from "../testing/index.ts";
import { connectEngine } from "./remote/index.ts";

const DISK_BYTES = 8 * 1024 * 1024;
const BLOCK = 4096;
const BLOCKS = DISK_BYTES / BLOCK;
const STORES = ["fast", "archive"] as const;

interface DiskView {
  readonly id: string;
  readonly state: string;
  readonly datastore: string;
  readonly epoch: number;
  readonly layers: readonly { readonly layer: string }[];
  readonly exports: readonly { readonly uri: string }[];
}
interface JobView {
  readonly id: string;
  readonly state: string;
  readonly outcome: { readonly code: string } | null;
}

/** Every point of the table, and that before the job's end is durable. */
const points = [...crashPoints, { point: "ended/before", forward: true }];

describe("a server killed at every journal edge", () => {
  let folder = "";
  let server: ServerProcess;
  let engine: Engine;
  let attempted = 0;
  let writer = Promise.resolve();
  const durable = new Map<number, number>();
  const table: string[] = [];

  const call = async <T>(name: string, input: object): Promise<T> =>
    (await engine.invoke(name, input)).output as T;
  const shown = () => call<DiskView>("disks.show", { name: "web" });
  const start = async () => {
    server = await startServer({ dataDir: join(folder, "data"), configPath: join(folder, "pagurus.yaml") });
    engine = await connectEngine({ url: server.url, token: server.token });
  };
  const ended = async (id: string): Promise<JobView> => {
    const stop = new AbortController();
    const events = engine.events({ job: id, types: ["job.ended"] }, { signal: stop.signal });
    const first = events[Symbol.asyncIterator]().next();
    try {
      // Either it had ended before, or its end is yet to be told.
      for (;;) {
        const job = await call<JobView>("jobs.show", { id });
        if (!["queued", "running"].includes(job.state)) return job;
        await first;
      }
    } finally {
      stop.abort();
    }
  };
  const layersIn = async (store: string) =>
    (await readdir(join(folder, store))).filter((name) => name.endsWith(".raw"));

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "pagurus-crash-"));
    for (const store of STORES) await mkdir(join(folder, store));
    await writeFile(
      join(folder, "pagurus.yaml"),
      JSON.stringify({
        server: { diskThreads: 2 },
        datastores: Object.fromEntries(
          STORES.map((id) => [id, { plugin: "datastore-local", root: join(folder, id) }]),
        ),
      }),
    );
    await start();
    await call("disks.create", { name: "web", sizeBytes: DISK_BYTES, datastore: "fast" });
  }, 60_000);
  afterAll(async () => {
    await server.kill9();
    process.stdout.write(`${table.join("\n")}\n`);
    await rm(folder, { recursive: true, force: true });
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
      const job = await call<JobView>("migrations.start", { disks: ["web"], to });
      expect((await server.exited).signal).toBe("SIGKILL");
      await writer;
      await start();

      expect(await ended(job.id)).toMatchObject({
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
      expect({
        [after.datastore]: await layersIn(after.datastore),
        other: await readdir(join(folder, STORES.find((id) => id !== after.datastore) as string)),
        sockets: await readdir(join(folder, "data", "run")),
      }).toEqual({ [after.datastore]: [`${layer}.raw`], other: [], sockets: [`${after.id}.sock`] });
      const sidecar = (await readdir(join(folder, after.datastore))).find((name) => !name.endsWith(".raw"));
      const { stamp } = JSON.parse(
        await readFile(join(folder, after.datastore, sidecar as string), "utf8"),
      ) as { stamp: object };
      expect(stamp).toEqual({ disk: after.id, epoch: after.epoch, state: "owner" });
      expect(await call("migrations.show", { id: job.id })).toMatchObject({ disks: [after.id] });
    },
    60_000,
  );

  test("killed between the commit and the swaps of two disks in two threads: both are at the target", async () => {
    await call("disks.create", { name: "log", sizeBytes: DISK_BYTES, datastore: "fast" });
    await call("disks.create", { name: "data", sizeBytes: DISK_BYTES, datastore: "fast" });
    await server.killAt("switched/recorded");
    const job = await call<JobView>("migrations.start", { disks: ["log", "data"], to: "archive" });
    await server.exited;
    await start();
    expect(await ended(job.id)).toMatchObject({ state: "succeeded" });
    for (const name of ["log", "data"]) {
      expect(await call("disks.show", { name })).toMatchObject({
        state: "available",
        datastore: "archive",
        epoch: 2,
      });
      await call("disks.remove", { name });
    }
  }, 60_000);

  test("afterwards a move works and removing the disk leaves nothing", async () => {
    const { datastore } = await shown();
    const to = STORES.find((id) => id !== datastore) as string;
    const job = await call<JobView>("migrations.start", { disks: ["web"], to });
    expect(await ended(job.id)).toMatchObject({ state: "succeeded", outcome: { code: "ok" } });
    await contentIsWhole((await shown()).exports[0]?.uri as string);
    await call("disks.remove", { name: "web" });
    for (const store of STORES) expect(await readdir(join(folder, store))).toEqual([]);
    expect(await readdir(join(folder, "data", "run"))).toEqual([]);
  });
});
