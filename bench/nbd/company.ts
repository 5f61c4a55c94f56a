import { execFile } from "node:child_process";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { holdHandshakes, NbdClient, type RudeClients, takeNoReplies } from "pagurus/testing";
import { CodedError } from "../../src/contract/index.ts";
import type { Bench } from "../common/bench.ts";
import type { Site } from "../common/site.ts";
import { fill } from "../load/fio.ts";
import type { Values } from "../report/series.ts";
import { middle, spread, times } from "../report/table.ts";
import { startPagurus } from "../servers/pagurus.ts";
import { measureLoad } from "./fio-subject.ts";
import { COMPANY, CROWD, guests, HANDSHAKES, STUCK_DISKS, UNREAD_GIB } from "./works.ts";

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const load = { rw: "randread", blockSize: "4k", depth: 1 } as const;
const columns = [
  middle("IOPS", "iops"),
  middle("p99 us", "p99Us"),
  spread("p99Us"),
  times("alone", "p99Us", "p99 x alone"),
];

/** What clients without manners, of another disk in the same thread, cost one that has some. */
export const benchCompany = async (bench: Bench, { place, folder, undo }: Site): Promise<void> => {
  const { signal } = bench;
  const pagurus = await startPagurus({ folder, signal, diskThreads: 1 });
  undo.add(() => pagurus.stop());
  const { uri } = await pagurus.createDisk("bench", 64 * MIB);
  const rough = await pagurus.createDisk("rough", 64 * MIB);
  await fill(uri, { cwd: folder, signal });
  const seconds = bench.sized(3, 1);
  const run = () => measureLoad({ uri, pid: pagurus.pid }, { ...load, seconds }, { cwd: folder, signal });
  const beside = (name: string, come: () => Promise<RudeClients>) => {
    let company: RudeClients | undefined;
    return {
      name,
      ours: true,
      prepare: async () => {
        company = await come();
      },
      run,
      after: async () => company?.leave(),
    };
  };
  await bench.measure(
    {
      place: place.name,
      name: COMPANY.rude,
      columns,
      subjects: [
        { name: "alone", ours: true, run },
        beside(guests.handshakes, () => holdHandshakes(rough.uri, HANDSHAKES)),
        beside(guests.unread, () => takeNoReplies(rough.uri, UNREAD_GIB * GIB)),
        beside(guests.crowd, () => crowd(rough.uri, CROWD)),
      ],
    },
    bench.repetitions(5, 3),
  );
};

/** As many come; those stay for whom the disk has a place. */
const crowd = async (uri: string, count: number): Promise<RudeClients> => {
  const came = await Promise.allSettled(Array.from({ length: count }, () => NbdClient.connect(uri)));
  const served = came.flatMap((client) => (client.status === "fulfilled" ? [client.value] : []));
  if (served.length === 0)
    throw new CodedError("internal", { reason: `none of ${count} clients was served` });
  return {
    leave() {
      for (const client of served) client.destroy();
    },
  };
};

const FLUSHES = 400;

/** What storage that hangs in its flush costs the flushes of a disk in another thread. */
export const benchStuckFlush = async (bench: Bench, { place, folder, undo }: Site): Promise<void> => {
  const { signal } = bench;
  const pipe = join(folder, "stuck-pipe");
  const stuck = { plugin: "stuck-storage", root: join(folder, "right"), pipe };
  const plugins = [
    fileURLToPath(new URL("../../step-definitions/support/stuck-storage.ts", import.meta.url)),
  ];
  const pagurus = await startPagurus({ folder, signal, diskThreads: 2, plugins, datastores: { stuck } });
  undo.add(() => pagurus.stop());
  const { uri } = await pagurus.createDisk("bench", 64 * MIB);
  const others: string[] = [];
  for (let n = 0; n < STUCK_DISKS; n++)
    others.push((await pagurus.createDisk(`stuck-${n}`, MIB, "stuck")).uri);
  let clients: readonly NbdClient[] = [];
  let flushes: readonly Promise<void>[] = [];
  let answered = 0;
  const letGo = async () => {
    const held = await open(pipe, "r+");
    await rm(pipe);
    await held.close();
    await Promise.all(flushes);
    for (const client of clients) client.destroy();
  };
  await bench.measure(
    {
      place: place.name,
      name: COMPANY.stuck,
      columns,
      subjects: [
        { name: "alone", ours: true, run: () => measureFlushes(uri) },
        {
          name: guests.stuck,
          ours: true,
          async prepare() {
            await promisify(execFile)("mkfifo", [pipe]);
            clients = await Promise.all(others.map((other) => NbdClient.connect(other)));
            for (const client of clients) await client.write(0, Buffer.alloc(4096, 1));
            answered = 0;
            flushes = clients.map((client) => client.flush().then(() => void answered++));
          },
          async run() {
            const values = await measureFlushes(uri);
            if (answered > 0)
              throw new CodedError("internal", { reason: `${answered} flushes did not hang as they should` });
            return values;
          },
          after: letGo,
        },
      ],
    },
    bench.repetitions(5, 3),
  );
};

/** One write and its flush after another. */
const measureFlushes = async (uri: string): Promise<Values> => {
  const client = await NbdClient.connect(uri);
  const waits: number[] = [];
  const startedMs = performance.now();
  for (let n = 0; n < FLUSHES; n++) {
    await client.write((n % 1024) * 4096, Buffer.alloc(4096, n));
    const askedMs = performance.now();
    await client.flush();
    waits.push(performance.now() - askedMs);
  }
  const seconds = (performance.now() - startedMs) / 1000;
  await client.disconnect();
  waits.sort((a, b) => a - b);
  return { iops: FLUSHES / seconds, p99Us: (waits[Math.ceil(0.99 * FLUSHES) - 1] ?? 0) * 1000 };
};
