import { createReadStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type FioOptions, startFio } from "./fio.ts";

/** Random writes of 4 KiB without an end. */
export interface WriterLoad {
  readonly depth: number;
  /** Writes per second; absent: as fast as they are answered. */
  readonly iops?: number;
}

/** What a stretch of time looked like to the writer. */
export interface Answered {
  readonly iops: number;
  readonly longestMs: number;
}

export interface Writer {
  /** Ends it; the answer tells of any stretch between two times of this machine's clock. */
  end(): Promise<(fromMs: number, toMs: number) => Answered>;
  stop(): Promise<void>;
}

const NS_PER_MS = 1e6;
/** Longer than any move; the bench ends it. */
const SECONDS_MOST = 3600;

/** fio writes a log of every answer: when it came, and how long it had been waited for. */
export const startWriter = (uri: string, { depth, iops }: WriterLoad, options: FioOptions): Writer => {
  const more = ["--write_lat_log=writer", "--log_unix_epoch=1", "--disable_slat=1", "--disable_clat=1"];
  if (iops !== undefined) more.push(`--rate_iops=,${iops}`);
  const load = { rw: "randwrite", blockSize: "4k", depth, seconds: SECONDS_MOST, more } as const;
  const fio = startFio(uri, load, options);
  return {
    stop: () => fio.stop(),
    async end() {
      await fio.result();
      const answers = await readLog(join(options.cwd, "writer_lat.1.log"));
      return (fromMs, toMs) => {
        const within = answers.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
        const longestMs = within.reduce((longest, { waitedMs }) => Math.max(longest, waitedMs), 0);
        return { iops: (within.length / (toMs - fromMs)) * 1000, longestMs };
      };
    },
  };
};

const readLog = async (path: string): Promise<readonly { atMs: number; waitedMs: number }[]> => {
  const answers: { atMs: number; waitedMs: number }[] = [];
  for await (const line of createInterface({ input: createReadStream(path) })) {
    const [atMs, waitedNs] = line.split(",", 2).map(Number);
    if (atMs !== undefined && waitedNs !== undefined) answers.push({ atMs, waitedMs: waitedNs / NS_PER_MS });
  }
  return answers;
};
