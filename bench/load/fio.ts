import { CodedError, z } from "../../src/contract/index.ts";
import { type Program, runProgram, startProgram } from "../common/program.ts";

/** One kind of load. */
export interface FioLoad {
  readonly rw: "randread" | "randwrite" | "read" | "write";
  readonly blockSize: string;
  readonly depth: number;
  /** How long; absent: once over the whole disk. */
  readonly seconds?: number;
  readonly more?: readonly string[];
}

export interface FioOptions {
  readonly signal: AbortSignal;
  /** Where its files go. */
  readonly cwd: string;
}

export interface FioResult {
  readonly operations: number;
  readonly flushes: number;
  readonly flushP50Us: number;
  readonly flushP99Us: number;
  readonly iops: number;
  readonly bytesPerSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly longestMs: number;
}

const Side = z.object({
  total_ios: z.number(),
  iops: z.number(),
  bw_bytes: z.number(),
  clat_ns: z.object({ max: z.number(), percentile: z.record(z.string(), z.number()).optional() }),
});
const Percentiles = z.object({ percentile: z.record(z.string(), z.number()).optional() });
const Flushes = z.object({ total_ios: z.number(), lat_ns: Percentiles });
const Job = z.object({ error: z.number(), read: Side, write: Side, sync: Flushes });
const Report = z.object({ jobs: z.tuple([Job]) });

const argumentsFor = (target: string, { rw, blockSize, depth, seconds, more = [] }: FioLoad): string[] => [
  "--name=bench",
  ...(target.startsWith("nbd")
    ? ["--ioengine=nbd", `--uri=${target}`]
    : ["--ioengine=psync", `--filename=${target}`]),
  `--rw=${rw}`,
  `--bs=${blockSize}`,
  `--iodepth=${depth}`,
  // Blocks that are neither zero nor equal, and the same ones whoever is measured.
  "--randseed=1",
  "--output-format=json",
  ...(seconds === undefined ? [] : ["--time_based", `--runtime=${Math.round(seconds * 1000)}ms`]),
  ...more,
];

const resultOf = (output: string): FioResult => {
  // What fio says while it runs comes before the report.
  const { jobs } = Report.parse(JSON.parse(output.slice(output.indexOf("{"))));
  const [{ error, read, write, sync }] = jobs;
  const side = read.total_ios > 0 ? read : write;
  if (error !== 0 || side.total_ios === 0)
    throw new CodedError("internal", {
      reason: `fio ended with error ${error} after ${side.total_ios} requests`,
    });
  const usOf = ({ percentile = {} }: z.infer<typeof Percentiles>, which: string) =>
    (percentile[which] ?? 0) / 1000;
  const us = (percentile: string) => usOf(side.clat_ns, percentile);
  return {
    operations: side.total_ios,
    flushes: sync.total_ios,
    flushP50Us: usOf(sync.lat_ns, "50.000000"),
    flushP99Us: usOf(sync.lat_ns, "99.000000"),
    iops: side.iops,
    bytesPerSecond: side.bw_bytes,
    p50Us: us("50.000000"),
    p99Us: us("99.000000"),
    longestMs: side.clat_ns.max / 1e6,
  };
};

/** Beyond its time fio waits for what was not answered, for ever. */
const PATIENCE_MS = 30_000;

/** `target`: the URI of an NBD export, or the path of a file, whose requests are one after another. */
export const runFio = async (target: string, load: FioLoad, options: FioOptions): Promise<FioResult> => {
  const limit = load.seconds === undefined ? {} : { limitMs: load.seconds * 1000 + PATIENCE_MS };
  return resultOf((await runProgram("fio", argumentsFor(target, load), { ...options, ...limit })).output);
};

/** Starts fio and lets it go on until it is told to stop. */
export const startFio = (uri: string, load: FioLoad, options: FioOptions): RunningFio => {
  const program: Program = startProgram("fio", argumentsFor(uri, load), options);
  return {
    stop: () => program.stop(),
    async result() {
      await program.stop("SIGINT");
      await program.ended;
      return resultOf(program.output());
    },
  };
};

export interface RunningFio {
  /** Ends it and answers what it measured. */
  result(): Promise<FioResult>;
  stop(): Promise<void>;
}

/** Writes the whole disk once. */
export const fill = async (uri: string, options: FioOptions): Promise<void> => {
  await runFio(uri, { rw: "write", blockSize: "1m", depth: 4 }, options);
};
