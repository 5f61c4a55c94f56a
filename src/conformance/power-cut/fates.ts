import type { Fate } from "./versions.ts";

/** A whole number below the limit. */
export type Random = (below: number) => number;

export interface NamedFate extends Fate {
  /** What had reached storage, in words. */
  readonly words: string;
}

const first = (): number => 0;
const last = (count: number): number => count - 1;

/** What may become of what was not synced: the extremes, and so many others by chance. */
export const fatesOf = (random: Random, chances: number): readonly NamedFate[] => [
  { words: "nothing unsynced had reached storage", value: first, change: () => false },
  { words: "everything had reached storage", value: last, change: () => true },
  { words: "bytes had reached storage and unsynced names had not", value: last, change: () => false },
  { words: "names had reached storage and unsynced bytes had not", value: first, change: () => true },
  ...Array.from({ length: chances }, () => ({
    words: "some of what was not synced had reached storage",
    value: random,
    change: () => random(2) === 1,
  })),
];
