import { randomBytes } from "node:crypto";
import { performance } from "node:perf_hooks";

/** Microseconds since the epoch, in base 36; enough until the year 2085. */
const TIME_DIGITS = 10;
const RANDOM_DIGITS = 8;

/**
 * A fresh id such as `dsk-…`, fit for file names: [a-z0-9-], ordered by the time of its making, and never made
 * twice by any server.
 */
export const newId = (prefix: string): string => {
  const micros = Math.floor((performance.timeOrigin + performance.now()) * 1_000);
  const random = randomBytes(6).readUIntBE(0, 6) % 36 ** RANDOM_DIGITS;
  return `${prefix}-${digits(micros, TIME_DIGITS)}${digits(random, RANDOM_DIGITS)}`;
};

const digits = (value: number, count: number): string => value.toString(36).padStart(count, "0");
