import { setImmediate } from "node:timers/promises";
import { type Random, random } from "../random.ts";
import type { MoveUnderTest } from "./move-under-test.ts";

const OPERATIONS = 600;
const HOT_BLOCKS = 8;
const LONGEST_BLOCKS = 4;
const SECTOR = 512;

type Operation = (move: MoveUnderTest) => void | Promise<void>;

/** Each makes the next operation of a guest of its kind, on a disk of so many blocks. */
const kinds = {
  random: (next: Random, blocks: number) => write(next(blocks)),
  sequential: (_next: Random, blocks: number, index: number) => write(index % blocks),
  "hot-spot": (next: Random, blocks: number) => write(next(10) === 0 ? next(blocks) : next(HOT_BLOCKS)),
  "part of a block": (next: Random, blocks: number) => write(next(blocks - 1), next(8) * SECTOR, SECTOR),
  "zero and discard": (next: Random, blocks: number) =>
    next(2) === 0 ? zero(next(blocks - LONGEST_BLOCKS), 1 + next(LONGEST_BLOCKS)) : write(next(blocks)),
} as const satisfies Record<string, (next: Random, blocks: number, index: number) => Operation>;

export type TraceKind = keyof typeof kinds;
export const traceKinds = Object.keys(kinds) as readonly TraceKind[];

const write =
  (block: number, offset?: number, length?: number): Operation =>
  (move) =>
    move.write(block, offset, length);
const zero =
  (block: number, count: number): Operation =>
  (move) =>
    move.zero(block, count);

/** One recorded guest: the same operations in the same order, whatever moves its disk. */
export const traceOf = (
  kind: TraceKind,
  { blocks, seed, effort }: { readonly blocks: number; readonly seed: number; readonly effort: number },
): readonly Operation[] => {
  const next = random(seed);
  return Array.from({ length: OPERATIONS * effort }, (_, index) => kinds[kind](next, blocks, index));
};

/** Does some of it, each operation once the one before was answered, and now and then a flush. */
export const replay = async (move: MoveUnderTest, operations: readonly Operation[]): Promise<void> => {
  for (const [index, operation] of operations.entries()) {
    await operation(move);
    if (index % 50 === 49) await move.move.guest.flush();
    await setImmediate();
  }
};
