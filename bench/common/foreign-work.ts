import { availableParallelism } from "node:os";
import { kernelUs, machineTimes, type Processes, readProcesses, treeUs } from "./processes.ts";

/** What others used of the machine while something was measured, in percent of all its processors. */
export interface ForeignWork {
  /** Processes that are neither ours nor the kernel's. */
  readonly othersPercent: number;
  /** The host of a virtual machine. */
  readonly stolenPercent: number;
}

/**
 * Above this a repetition is called contaminated. `/proc/stat` counts by sampling and processes are timed exactly:
 * less than a few percent is noise of the two.
 */
const CONTAMINATED_PERCENT = 8;

interface Look {
  readonly atMs: number;
  readonly busyUs: number;
  readonly stolenUs: number;
  readonly accountedUs: number;
}

const look = (): Look => {
  const processes: Processes = readProcesses();
  const accountedUs = treeUs(processes, process.pid) + kernelUs(processes);
  return { atMs: performance.now(), ...machineTimes(), accountedUs };
};

/** Starts watching; the answer tells what it saw. */
export const watchForeignWork = (): (() => ForeignWork) => {
  const from = look();
  return () => {
    const to = look();
    const capacityUs = (to.atMs - from.atMs) * 1000 * availableParallelism();
    const percent = (us: number) => Math.max(0, Math.round((us / capacityUs) * 1000) / 10);
    return {
      othersPercent: percent(to.busyUs - from.busyUs - (to.accountedUs - from.accountedUs)),
      stolenPercent: percent(to.stolenUs - from.stolenUs),
    };
  };
};

export const isContaminated = ({ othersPercent, stolenPercent }: ForeignWork): boolean =>
  othersPercent + stolenPercent > CONTAMINATED_PERCENT;
