import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { NbdClient } from "pagurus/testing";
import { CodedError, z } from "../../src/contract/index.ts";
import { systemClock } from "../../src/engine/system-clock.ts";
import { Answers } from "./answers.ts";
import type { WritingClient, WritingPlace } from "./client.ts";
import { BLOCK_BYTES } from "./ledger.ts";
import { demandTool } from "./tool.ts";

const MIB = 1024 * 1024;
/** fio writes every block of this range once, in random order, and reads each back when all are written. */
const region = { offset: 256 * MIB, length: 192 * MIB };
const BYTES_PER_SECOND = 16 * MIB;
const READ_BYTES = 4 * MIB;
const LOOK_MS = 50;
const NS_PER_MS = 1e6;

const FioReport = z.object({
  jobs: z.tuple([z.object({ error: z.number(), read: z.object({ total_ios: z.number() }) })]),
});

/** fio with a CRC-32C in every block. It knows what it wrote; the ledger learns it from the disk once fio agrees. */
export const fioClient = async (place: WritingPlace): Promise<WritingClient> => {
  demandTool("fio", "fio");
  const answers = new Answers();
  const nbd = await NbdClient.connect(place.uri, { signal: place.signal });
  let fio: ChildProcess | undefined;
  let output = Promise.resolve("");
  let ended: Promise<unknown> = Promise.resolve();

  const hasWritten = async (): Promise<boolean> => {
    const extents = await nbd.blockStatus(region.offset, region.length);
    return extents.some(({ hole }) => !hole);
  };

  return {
    description: `fio, random writes of 4 KiB with a CRC-32C each, ${BYTES_PER_SECOND / MIB} MiB/s`,
    answers,
    async start() {
      await nbd.zero(region.offset, region.length);
      const child = spawn("fio", argumentsFor(place), {
        cwd: place.folder,
        stdio: ["ignore", "pipe", "ignore"],
      });
      fio = child;
      output = text(child.stdout);
      ended = once(child, "exit");
      while (child.exitCode === null && !(await hasWritten())) await systemClock.sleep(LOOK_MS, place.signal);
    },
    async stop() {
      await ended;
      const verified = verifiedIn(await output);
      for await (const [atMs, waitMs] of writesLogged(place.folder)) answers.add(atMs, waitMs);
      for (let at = region.offset; at < region.offset + region.length; at += READ_BYTES)
        place.ledger.record(at, await nbd.read(at, READ_BYTES));
      await nbd.disconnect();
      return `fio read back ${verified} blocks, each with the CRC-32C that it had written`;
    },
    destroy() {
      fio?.kill("SIGKILL");
      nbd.destroy();
    },
  };
};

const argumentsFor = ({ uri }: WritingPlace): readonly string[] => [
  "--name=demo",
  "--ioengine=nbd",
  `--uri=${uri}`,
  "--rw=randwrite",
  `--bs=${BLOCK_BYTES}`,
  "--iodepth=4",
  `--offset=${region.offset}`,
  `--size=${region.length}`,
  `--rate=,${BYTES_PER_SECOND}`,
  "--verify=crc32c",
  "--verify_fatal=1",
  "--verify_state_save=0",
  "--write_lat_log=waits",
  "--log_unix_epoch=1",
  "--output-format=json",
];

/** Number of blocks that fio found right; rejects when it found one wrong, or missed one. */
const verifiedIn = (output: string): number => {
  const [job] = FioReport.parse(JSON.parse(output.slice(output.indexOf("{")))).jobs;
  const verified = job.read.total_ios;
  if (job.error !== 0 || verified !== region.length / BLOCK_BYTES)
    throw new CodedError("internal", {
      reason: `fio ended with error ${job.error} after ${verified} blocks`,
    });
  return verified;
};

/** fio's own log of writes: when each was answered (milliseconds since the epoch), and how long it had waited. */
async function* writesLogged(folder: string): AsyncGenerator<readonly [number, number]> {
  const log = await readFile(join(folder, "waits_lat.1.log"), "utf8");
  for (const line of log.split("\n")) {
    const [atMs, waitNs, direction] = line.split(",").map(Number);
    if (direction === 1 && atMs !== undefined && waitNs !== undefined) yield [atMs, waitNs / NS_PER_MS];
  }
}
