import type { DiskConnection } from "pagurus";
import { ZERO_STEP_BYTES } from "./limits.ts";

type Maybe = void | Promise<void>;

/** Done means durable: the flush begins when the change has ended. */
const durably = async (connection: DiskConnection, change: Maybe): Promise<void> => {
  await change;
  await connection.flush();
};

export const write = (connection: DiskConnection, offset: number, from: Uint8Array, fua: boolean): Maybe => {
  const change = connection.write(offset, from);
  return fua ? durably(connection, change) : change;
};

const FAST = { fast: true } as const;

export const zero = (
  connection: DiskConnection,
  offset: number,
  length: number,
  { fua, fast }: { readonly fua: boolean; readonly fast: boolean },
): Maybe => {
  const first = connection.zero(offset, Math.min(length, ZERO_STEP_BYTES), fast ? FAST : undefined);
  const change = length > ZERO_STEP_BYTES ? zeroOn(connection, { offset, length }, first) : first;
  return fua ? durably(connection, change) : change;
};

/** Goes on step by step: a store that has to write zeroes takes long, and a lost client or a switch-over must not wait for it all. */
const zeroOn = async (
  connection: DiskConnection,
  { offset, length }: { readonly offset: number; readonly length: number },
  first: Maybe,
): Promise<void> => {
  await first;
  for (let at = ZERO_STEP_BYTES; at < length; at += ZERO_STEP_BYTES) {
    await new Promise((resolve) => setImmediate(resolve));
    await connection.zero(offset + at, Math.min(ZERO_STEP_BYTES, length - at));
  }
};

/** Zeroes that keep their space: written as data, piece by piece, with other requests in between. */
export const writeZeroes = async (
  connection: DiskConnection,
  { offset, length }: { readonly offset: number; readonly length: number },
  fua: boolean,
  zeroes: Uint8Array,
): Promise<void> => {
  for (let at = 0; at < length; at += zeroes.length) {
    await connection.write(offset + at, zeroes.subarray(0, Math.min(zeroes.length, length - at)));
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (fua) await connection.flush();
};
