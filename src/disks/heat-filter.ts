import type { Clock } from "../contract/index.ts";

/** Counters of a stage, a power of two: four stages of one byte each are 256 KiB. */
const COUNTERS = 2 ** 16;
/** Odd multipliers, one for each stage, whose upper bits choose the counter. */
const MULTIPLIERS = [0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f] as const;
const SHIFT = 16;
export const MOST_HEAT = 255;
/** Counts are halved so often: what a block was written long ago says little about what it will be. */
const HALF_LIFE_MS = 1000;
/** Longer than any write: zeroes and discards of so much are made once, and counting each of their blocks holds the event loop. */
const MOST_BLOCKS = 8192;
/** The clock is looked at once in so many writes: that costs as much as counting one. */
const LOOK_WRITES = 64;
/** After so many halvings nothing is left. */
const ALL_HALVINGS = 8;

/**
 * How often blocks were written lately, in fixed memory: a multi-stage filter of saturating counters that are halved
 * every second. Each stage hashes a block to another counter, and the lowest of them is the block's heat: it may be
 * too high, where others share all of its counters, and is never too low. Counting allocates nothing.
 */
export class HeatFilter {
  readonly #clock: Clock;
  readonly #stages = MULTIPLIERS.map(() => new Uint8Array(COUNTERS));
  #halvedMs: number;
  #unlooked = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#halvedMs = clock.monotonicMs();
  }

  /** A write of `count` blocks from `first`; what is longer than a write can be heats nothing. */
  written(first: number, count: number): void {
    if (count > MOST_BLOCKS) return;
    if (++this.#unlooked === LOOK_WRITES) this.cool();
    for (let block = first; block < first + count; block++) {
      const next = this.heat(block) + 1;
      if (next > MOST_HEAT) continue;
      // Only the counters that would be too low: the others belong to somebody else as well.
      for (let stage = 0; stage < MULTIPLIERS.length; stage++) {
        const counters = this.#stages[stage] as Uint8Array;
        const at = counterOf(block, MULTIPLIERS[stage] as number);
        if ((counters[at] as number) < next) counters[at] = next;
      }
    }
  }

  /** At least how often the block was written, halved since; at most `MOST_HEAT`. */
  heat(block: number): number {
    let lowest = MOST_HEAT;
    for (let stage = 0; stage < MULTIPLIERS.length; stage++) {
      const heat = this.#stages[stage]?.[counterOf(block, MULTIPLIERS[stage] as number)] ?? 0;
      if (heat < lowest) lowest = heat;
    }
    return lowest;
  }

  /** Before heats are asked for: lets the counts cool down for the time that has passed. Writes do so as they go; it costs some 50 µs a second. */
  cool(): void {
    this.#unlooked = 0;
    const halvings = Math.floor((this.#clock.monotonicMs() - this.#halvedMs) / HALF_LIFE_MS);
    if (halvings <= 0) return;
    this.#halvedMs += halvings * HALF_LIFE_MS;
    for (const counters of this.#stages) halve(counters, Math.min(halvings, ALL_HALVINGS));
  }
}

const counterOf = (block: number, multiplier: number): number => Math.imul(block, multiplier) >>> SHIFT;

/** Four counters at a time. */
const halve = (counters: Uint8Array, times: number): void => {
  const words = new Uint32Array(counters.buffer);
  const kept = (MOST_HEAT >>> times) * 0x01010101;
  for (let at = 0; at < words.length; at++) words[at] = ((words[at] as number) >>> times) & kept;
};
