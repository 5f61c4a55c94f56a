import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import type { BenchServer } from "./servers.ts";

/** One kind of load. */
export interface Work {
  readonly name: string;
  readonly rw: string;
  readonly blockSize: string;
  readonly depth: number;
}

export interface Measured {
  readonly iops: number;
  readonly p99Us: number;
  /** Processor time of the server for one operation, in microseconds. */
  readonly cpuUs: number;
}

/** Clock ticks of `/proc`, in microseconds. */
const TICK_US = 10_000;

/** User and system time of a process with all its threads, in microseconds. */
async function cpuOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_US;
}

interface FioSide {
  readonly iops: number;
  readonly total_ios: number;
  readonly clat_ns: { readonly percentile?: Readonly<Record<string, number>> };
}

export async function measure(
  server: BenchServer,
  work: Work,
  seconds: number,
  cwd: string,
): Promise<Measured> {
  const before = await cpuOf(server.pid);
  const { stdout } = await promisify(execFile)(
    "fio",
    [
      "--name=bench",
      "--ioengine=nbd",
      `--uri=${server.uri}`,
      `--rw=${work.rw}`,
      `--bs=${work.blockSize}`,
      `--iodepth=${work.depth}`,
      "--time_based",
      `--runtime=${seconds}`,
      "--output-format=json",
    ],
    { cwd, maxBuffer: 2 ** 24 },
  );
  const cpu = (await cpuOf(server.pid)) - before;
  const { jobs } = JSON.parse(stdout.slice(stdout.indexOf("{"))) as {
    jobs: { read: FioSide; write: FioSide }[];
  };
  const side = [jobs[0]?.read, jobs[0]?.write].find((one) => one !== undefined && one.total_ios > 0);
  if (side === undefined) throw new Error("fio did no I/O");
  return {
    iops: side.iops,
    p99Us: (side.clat_ns.percentile?.["99.000000"] ?? 0) / 1000,
    cpuUs: cpu / side.total_ios,
  };
}
