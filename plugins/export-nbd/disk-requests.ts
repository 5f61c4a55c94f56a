import type { DiskConnection } from "pagurus";
import { MAX_EXTENTS } from "./limits.ts";
import { AllocationState } from "./protocol.ts";

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

export const zero = (connection: DiskConnection, offset: number, length: number, fua: boolean): Maybe => {
  const change = connection.zero(offset, length);
  return fua ? durably(connection, change) : change;
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

/** Lengths and states in turn, neighbours of one state merged; at most `atMost` extents, and never past the range. */
export const allocation = async (
  connection: DiskConnection,
  { offset, length }: { readonly offset: number; readonly length: number },
  atMost: number = MAX_EXTENTS,
): Promise<readonly number[]> => {
  const lengths: number[] = [];
  const states: number[] = [];
  const end = offset + length;
  for await (const extent of connection.extents(offset, length)) {
    const bytes = Math.min(end, extent.offset + extent.length) - Math.max(offset, extent.offset);
    if (bytes <= 0) continue;
    const state = extent.kind === "data" ? AllocationState.data : AllocationState.holeReadingZero;
    const last = lengths.length - 1;
    if (states[last] === state) lengths[last] = (lengths[last] ?? 0) + bytes;
    else if (lengths.length === atMost) break;
    else {
      lengths.push(bytes);
      states.push(state);
    }
  }
  if (lengths.length === 0) return [length, AllocationState.data];
  return lengths.flatMap((bytes, at) => [bytes, states[at] ?? AllocationState.data]);
};
