import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { CodedError } from "../../src/contract/index.ts";
import type { Bench } from "../common/bench.ts";
import { settleDisk } from "../common/page-cache.ts";
import type { Subject } from "../common/repeat.ts";
import type { Site } from "../common/site.ts";
import { makeData } from "../load/data.ts";
import { fill, runFio } from "../load/fio.ts";
import type { Values } from "../report/series.ts";
import { middle, spread, times } from "../report/table.ts";
import { type Pagurus, startPagurus } from "../servers/pagurus.ts";
import { lastNumber, logObjects, untilQuiet } from "./log-objects.ts";
import { besidePuts, removePlain } from "./plain.ts";
import { canRunS3backer, startS3backer } from "./s3backer.ts";
import type { Store } from "./store.ts";
import { FLUSH_EVERY, FLUSHED, rows } from "./works.ts";

const MIB = 1024 * 1024;
const BLOCK_BYTES = 4096;

interface Flushed extends Site {
  readonly bench: Bench;
  readonly store: Store;
  readonly sizeBytes: number;
  /** How fast the disk with a journal was written when that was measured last. */
  readonly journaled: { iops: number };
}

/** What a flush costs, wherever it is answered. All of it through the front that a guest would use: NBD, a file, FUSE. */
export const benchFlushed = async (bench: Bench, store: Store, site: Site): Promise<void> => {
  const flushed = {
    ...site,
    bench,
    store,
    sizeBytes: bench.sized(1024, 64) * MIB,
    journaled: { iops: MIB / BLOCK_BYTES },
  };
  const subjects = [
    await withJournal(flushed),
    ...(await withoutJournal(flushed)),
    ...(await plainFiles(flushed)),
    ...(await s3backers(flushed)),
  ];
  await bench.measure(
    {
      place: store.name,
      name: FLUSHED,
      subjects,
      columns: [
        middle("IOPS", "iops"),
        spread("iops"),
        times(rows.local, "iops"),
        times(rows.s3backer, "iops", "x s3backer"),
        middle("flush p50 ms", "flushP50Us", 1000),
        middle("p99 ms", "flushP99Us", 1000),
        spread("flushP99Us", 1000),
        times(rows.file, "flushP99Us", `p99 x ${rows.file}`),
        times(rows.fileBeside, "flushP99Us", "x that beside PUTs"),
        middle("PUTs/flush", "putsPerFlush"),
        middle("x cap", "capTimes"),
        middle("backlog MiB", "backlogBytes", MIB),
        middle("drain s", "drainSeconds"),
      ],
    },
    bench.repetitions(3, 1),
  );
};

/** As fast as the target takes it, or so many writes a second at most. */
const load = async ({ bench, folder, sizeBytes }: Flushed, target: string, mostIops?: number) => {
  const rate = mostIops === undefined ? [] : [`--rate_iops=${Math.round(mostIops)}`];
  const more = [`--fsync=${FLUSH_EVERY}`, `--size=${sizeBytes}`, ...rate];
  const { operations, iops, flushes, flushP50Us, flushP99Us, longestMs } = await runFio(
    target,
    { rw: "randwrite", blockSize: "4k", depth: 1, seconds: bench.sized(60, 4), more },
    { cwd: folder, signal: bench.signal },
  );
  return { operations, iops, flushes, flushP50Us, flushP99Us, longestMs };
};

/** A server for each repetition: its end brings what only the journal has to the bucket. */
const withJournal = async (flushed: Flushed): Promise<Subject> => {
  const { bench, store, folder, undo, sizeBytes } = flushed;
  const { signal } = bench;
  const bucket = await store.newBucket(undo);
  const maxLossBytes = bench.sized(128, 8) * MIB;
  const journal = join(folder, "journal");
  await mkdir(journal);
  const home = join(folder, "journaled");
  const start = () =>
    startPagurus({
      folder: home,
      signal,
      datastores: { s3: { ...bucket.section, journal, maxLossBytes } },
    });
  let server: Pagurus | undefined;
  const stop = async () => {
    await server?.stop();
    server = undefined;
  };
  undo.add(stop);
  let isNew = true;
  return {
    name: rows.journal,
    ours: true,
    async prepare() {
      server = await start();
      if (isNew) {
        const { uri } = await server.createDisk("bench", sizeBytes, "s3");
        await fill(uri, { cwd: folder, signal });
      }
      isNew = false;
      await untilQuiet(bucket, signal);
      await settleDisk(folder, signal);
    },
    async run() {
      if (server === undefined) throw new CodedError("internal", { reason: "there is no server" });
      const values = await load(flushed, (await server.show("bench")).uri);
      const endedMs = Date.now();
      flushed.journaled.iops = values.iops;
      const reached = lastNumber(await logObjects(bucket));
      await untilQuiet(bucket, signal);
      await stop();
      const late = (await logObjects(bucket)).filter(({ number }) => number > reached);
      const backlogBytes = late.reduce((sum, { sizeBytes: bytes }) => sum + bytes, 0);
      // The last is what had not filled an object: it waits until it does, or a while.
      const drainedMs = late.slice(0, -1).reduce((last, { modifiedMs }) => Math.max(last, modifiedMs), 0);
      return {
        ...values,
        capTimes: (values.operations * BLOCK_BYTES) / maxLossBytes,
        backlogBytes,
        drainSeconds: Math.max(0, drainedMs - endedMs) / 1000,
      };
    },
    after: stop,
  };
};

/** One server for both: a disk whose flushes the bucket answers, and a local one. */
const withoutJournal = async (flushed: Flushed): Promise<readonly Subject[]> => {
  const { bench, store, folder, undo, sizeBytes } = flushed;
  const { signal } = bench;
  const bucket = await store.newBucket(undo);
  const pagurus = await startPagurus({
    folder: join(folder, "plain"),
    signal,
    datastores: { s3: bucket.section },
  });
  undo.add(() => pagurus.stop());
  const [remote, local] = [
    await pagurus.createDisk("remote", sizeBytes, "s3"),
    await pagurus.createDisk("local", sizeBytes),
  ];
  for (const { uri } of [remote, local]) await fill(uri, { cwd: folder, signal });
  const counted = async (): Promise<Values> => {
    const before = lastNumber(await logObjects(bucket));
    const values = await load(flushed, remote.uri);
    const puts = lastNumber(await logObjects(bucket)) - before;
    return { ...values, putsPerFlush: puts / values.flushes };
  };
  const prepare = async () => {
    await untilQuiet(bucket, signal);
    await settleDisk(folder, signal);
  };
  return [
    { name: rows.bucket, ours: true, prepare, run: counted },
    { name: rows.local, ours: true, prepare, run: () => load(flushed, local.uri) },
  ];
};

/**
 * A file by itself, and one that is written as fast as the journal's disk was while somebody else brings as much to the
 * store: both may share a device, whose flush takes what others have written with it. Faster would be no control: a PUT
 * meets a flush or two, and those are fewer of a hundred the more there are.
 */
const plainFiles = async (flushed: Flushed): Promise<readonly Subject[]> => {
  const { bench, store, folder, undo, sizeBytes, journaled } = flushed;
  const file = join(folder, "plain.raw");
  await makeData(file, sizeBytes);
  const bucket = await store.newBucket(undo);
  const prepare = () => settleDisk(folder, bench.signal);
  return [
    { name: rows.file, ours: false, prepare, run: () => load(flushed, file) },
    {
      name: rows.fileBeside,
      ours: false,
      prepare,
      run: () => {
        const { iops } = journaled;
        return besidePuts(bucket, iops * BLOCK_BYTES, () => load(flushed, file, iops));
      },
      after: () => removePlain(bucket),
    },
  ];
};

const s3backers = async (flushed: Flushed): Promise<readonly Subject[]> => {
  const { bench, folder } = flushed;
  if (!(await canRunS3backer(bench))) return [];
  const subjects: Subject[] = [];
  for (const sync of [false, true]) {
    const disk = await startS3backer(bench, { ...flushed, sync });
    subjects.push({
      name: sync ? rows.s3backerSync : rows.s3backer,
      ours: false,
      prepare: () => settleDisk(folder, bench.signal),
      run: () => load(flushed, disk),
    });
  }
  return subjects;
};
