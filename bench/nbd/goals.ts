import { type Goal, ratioGoal } from "../report/goals.ts";
import { COLD, COMPANY, guests, HELD_MOVE } from "./works.ts";

const iops = (work: string, peer: string, atLeast: number, place?: string): Goal =>
  ratioGoal({
    work,
    peer,
    key: "iops",
    what: `IOPS x ${peer}`,
    atLeast,
    ...(place !== undefined && { place }),
  });
const cpu = (work: string): Goal =>
  ratioGoal({
    work,
    peer: "qemu-nbd",
    key: "cpuUs",
    what: "server CPU per operation x qemu-nbd",
    atMost: 0.5,
  });

/** What others do to a client's p99. */
const undisturbed = (work: string, subject: string): Goal =>
  ratioGoal({ work, subject, peer: "alone", key: "p99Us", what: `p99 x alone, ${subject}`, atMost: 2 });

/** What the NBD server promises: against peers in the same run, so that the machine's speed doesn't matter. */
export const nbdGoals: readonly Goal[] = [
  iops("4k randread qd1", "qemu-nbd", 0.9),
  iops("4k randwrite qd1", "qemu-nbd", 0.9),
  iops("4k randread qd16", "qemu-nbd", 2.5, "tmpfs"),
  iops("4k randread qd16", "nbdkit", 1, "tmpfs"),
  iops("4k randread qd16", "qemu-nbd", 2, "ext4"),
  cpu("4k randread qd16"),
  iops("4k randwrite qd16", "qemu-nbd", 2.5, "tmpfs"),
  iops("4k randwrite qd16", "nbdkit", 1, "tmpfs"),
  iops("4k randwrite qd16", "qemu-nbd", 2.2, "ext4"),
  cpu("4k randwrite qd16"),
  iops("128k read qd8", "qemu-nbd", 2.5, "tmpfs"),
  iops("128k read qd8", "qemu-nbd", 1.8, "ext4"),
  iops("128k write qd8", "qemu-nbd", 2),
  iops(COLD.alone, "qemu-nbd", 0.9),
  undisturbed(COLD.neighbour, COLD.sameThread),
  ...[guests.handshakes, guests.unread, guests.crowd].map((subject) => undisturbed(COMPANY.rude, subject)),
  undisturbed(COMPANY.stuck, guests.stuck),
  ratioGoal({
    work: HELD_MOVE,
    subject: "move held",
    peer: "no move",
    key: "iops",
    what: "IOPS x no move",
    atLeast: 0.97,
  }),
];
