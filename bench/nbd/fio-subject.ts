import { readProcesses, treeUs } from "../common/processes.ts";
import { type FioLoad, type FioOptions, runFio } from "../load/fio.ts";
import type { Values } from "../report/series.ts";
import { faster, middle, spread, times } from "../report/table.ts";
import type { NbdServer } from "../servers/server.ts";

const MB = 1e6;

/** One run of fio against a server, with what it cost the server. */
export const measureLoad = async (
  { uri, pid }: Pick<NbdServer, "uri" | "pid">,
  load: FioLoad,
  options: FioOptions,
): Promise<Values> => {
  const before = treeUs(readProcesses(), pid);
  const { operations, iops, bytesPerSecond, p50Us, p99Us, longestMs } = await runFio(uri, load, options);
  const cpuUs = (treeUs(readProcesses(), pid) - before) / operations;
  return { iops, megabytesPerSecond: bytesPerSecond / MB, p50Us, p99Us, longestMs, cpuUs };
};

export const loadColumns = [
  middle("IOPS", "iops"),
  spread("iops"),
  middle("MB/s", "megabytesPerSecond"),
  times("qemu-nbd", "iops"),
  times("nbdkit", "iops"),
  middle("p50 us", "p50Us"),
  middle("p99 us", "p99Us"),
  middle("server us/op", "cpuUs"),
  times("qemu-nbd", "cpuUs", "cpu x qemu-nbd"),
];

/** Columns of copies, where `seconds` are measured. */
export const copyColumns = [
  middle("s", "seconds"),
  spread("seconds"),
  middle("MB/s", "megabytesPerSecond"),
  faster("qemu-nbd", "seconds"),
  faster("nbdkit", "seconds"),
  middle("server cpu s", "cpuSeconds"),
];
