import type { FioLoad } from "../load/fio.ts";

export interface NbdWork {
  readonly name: string;
  readonly load: FioLoad;
}

const work = (name: string, rw: FioLoad["rw"], blockSize: string, depth: number): NbdWork => ({
  name,
  load: { rw, blockSize, depth },
});

/** Cached reads, and writes into the page cache: what a server itself costs. */
export const works: readonly NbdWork[] = [
  work("4k randread qd1", "randread", "4k", 1),
  work("4k randwrite qd1", "randwrite", "4k", 1),
  work("4k randread qd16", "randread", "4k", 16),
  work("4k randwrite qd16", "randwrite", "4k", 16),
  work("128k read qd8", "read", "128k", 8),
  work("128k write qd8", "write", "128k", 8),
];

export const HELD_MOVE = "4k randwrite qd16, move held";
export const NBDCOPY = { out: "nbdcopy out", in: "nbdcopy in" };
export const COLD = {
  alone: "cold 4k randread qd32",
  neighbour: "cached 4k randread qd1 beside cold reads",
  /** Our row of the latter. */
  sameThread: "same thread",
};
export const COMPANY = {
  rude: "cached 4k randread qd1 beside rude clients",
  stuck: "flush beside storage that hangs",
};
export const HANDSHAKES = 300;
export const UNREAD_GIB = 64;
export const CROWD = 1000;
export const STUCK_DISKS = 8;
/** The company, by the names of their rows. */
export const guests = {
  handshakes: `${HANDSHAKES} handshakes held`,
  unread: `no reply of ${UNREAD_GIB} GiB taken`,
  crowd: `${CROWD} clients at once`,
  stuck: `${STUCK_DISKS} disks' flushes hang`,
};
