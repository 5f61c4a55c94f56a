import type { DiskConnection } from "pagurus";
import { MAX_EXTENTS, ZERO_STEP_BYTES } from "./limits.ts";
import { Context } from "./meta-contexts.ts";
import { AllocationState, DirtyState } from "./protocol.ts";

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

interface Range {
  readonly offset: number;
  readonly length: number;
}

/** What a context says of a range: lengths and states in turn, never past the range. */
export const statusOf = (
  connection: DiskConnection,
  context: number,
  range: Range,
  atMost: number = MAX_EXTENTS,
): Promise<readonly number[]> => {
  const { offset, length } = range;
  if (context === Context.dirty) return gathered(connection.dirty(offset, length), dirtyState, range, atMost);
  return gathered(connection.extents(offset, length), allocationState, range, atMost);
};

const allocationState = ({ kind }: { readonly kind: string }): number =>
  kind === "data" ? AllocationState.data : AllocationState.holeReadingZero;
const dirtyState = ({ dirty }: { readonly dirty: boolean }): number =>
  dirty ? DirtyState.dirty : DirtyState.clean;

/** Neighbours of one state are merged, up to `atMost` extents. */
const gathered = async <E extends Range>(
  extents: AsyncIterable<E>,
  stateOf: (extent: E) => number,
  { offset, length }: Range,
  atMost: number,
): Promise<readonly number[]> => {
  const found: number[] = [];
  const end = offset + length;
  let last: number | undefined;
  for await (const extent of extents) {
    const bytes = Math.min(end, extent.offset + extent.length) - Math.max(offset, extent.offset);
    if (bytes <= 0) continue;
    const state = stateOf(extent);
    if (state === last) found[found.length - 2] = (found[found.length - 2] ?? 0) + bytes;
    else if (found.length === 2 * atMost) break;
    else found.push(bytes, state);
    last = state;
  }
  // State 0 is always true of a range that nothing is known of.
  return found.length === 0 ? [length, 0] : found;
};
