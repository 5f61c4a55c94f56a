import { readdirSync, readFileSync, writeFileSync } from "node:fs";

/** One tick of `/proc`, in microseconds: `USER_HZ` is 100 on every Linux that Node runs on. */
const TICK_US = 10_000;
/** All kernel threads are its children. */
const KTHREADD = 2;

interface ProcessTimes {
  readonly parent: number;
  /** Its threads, also those that ended, and its children that ended. */
  readonly us: number;
}
export type Processes = ReadonlyMap<number, ProcessTimes>;

/** Every process of the machine that this one can see. */
export const readProcesses = (): Processes => {
  const processes = new Map<number, ProcessTimes>();
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const fields = statOf(pid);
    if (fields === undefined) continue;
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    processes.set(pid, { parent: Number(fields[1]), us: ticks * TICK_US });
  }
  return processes;
};

/** The fields of `/proc/<pid>/stat` from the third on; `undefined` for one that has just ended. */
const statOf = (pid: number | "self"): readonly string[] | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
};

/** Processor time of a process with all its threads and descendants, in microseconds. */
export const treeUs = (processes: Processes, root: number): number => {
  let sum = processes.get(root)?.us ?? 0;
  for (const [pid, { parent }] of processes)
    if (parent === root && pid !== root) sum += treeUs(processes, pid);
  return sum;
};

export const kernelUs = (processes: Processes): number => treeUs(processes, KTHREADD);

/** Processor time of those of our children that have ended. */
export const reapedUs = (): number => {
  const fields = statOf("self") ?? [];
  return (Number(fields[13]) + Number(fields[14])) * TICK_US;
};

/** Memory that a process holds now, and at most held so far or since `forgetPeak`, in bytes. */
export const residentBytes = (pid: number): { readonly now: number; readonly peak: number } => {
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
  return { now: kib("VmRSS") * 1024, peak: kib("VmHWM") * 1024 };
};

export const forgetPeak = (pid: number): void => writeFileSync(`/proc/${pid}/clear_refs`, "5");

/** Busy time of all processors and time taken by the machine below this one, in microseconds. */
export const machineTimes = (): { readonly busyUs: number; readonly stolenUs: number } => {
  const [user = 0, nice = 0, system = 0, , , , , steal = 0] = (
    readFileSync("/proc/stat", "latin1").split("\n")[0] ?? ""
  )
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return { busyUs: (user + nice + system) * TICK_US, stolenUs: steal * TICK_US };
};
