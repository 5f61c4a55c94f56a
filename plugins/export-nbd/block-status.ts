import type { DiskConnection } from "pagurus";
import { Context, type MetaContext } from "./meta-contexts.ts";
import { AllocationState, DirtyState } from "./protocol.ts";

interface Range {
  readonly offset: number;
  readonly length: number;
}

/** What one context says of a range. */
export interface ContextStatus {
  /** The context's. */
  readonly id: number;
  /** Lengths and states in turn, from the range's beginning; never past its end, but maybe short of it. */
  readonly extents: readonly number[];
}

/** What the contexts say of a range, one after the other; up to `atMost` extents each. */
export const statusesOf = async (
  connection: DiskConnection,
  contexts: readonly MetaContext[],
  offset: number,
  length: number,
  atMost: number,
): Promise<readonly ContextStatus[]> => {
  const found: ContextStatus[] = [];
  const gather = <E extends Range>(extents: AsyncIterable<E>, stateOf: (extent: E) => number) =>
    gathered(extents, stateOf, { offset, length }, atMost);
  for (const { id } of contexts) {
    const extents =
      id === Context.dirty
        ? await gather(connection.dirty(offset, length), dirtyState)
        : await gather(connection.extents(offset, length), allocationState);
    found.push({ id, extents });
  }
  return found;
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
