import { CodedError } from "../errors.ts";
import type { LayerUsage } from "./usage.ts";

/** Names a layer: one node of a disk's chain, in one datastore. */
export interface LayerRef {
  /** The id of a configured datastore. */
  readonly datastore: string;
  /** Lower-case letters, digits, `-` and `_`; made by the engine, never used twice. */
  readonly layer: string;
}

/** Refuses, with `layer-name-invalid`, what could never be a layer: a name may become part of a path or a key. */
export const assertLayerName = (layer: string): void => {
  if (!/^[a-z0-9_-]{1,128}$/.test(layer)) throw new CodedError("layer-name-invalid", { layer });
};

/** Whose a layer is, kept durably with the layer in its own store and compared with the catalog at every open. */
export interface Stamp {
  /** The id of the disk. */
  readonly disk: string;
  /** The epoch of the owner record that the state was written for. */
  readonly epoch: number;
  /** `owner`: the catalog names it; `target`: a move fills it; `former`: the disk has moved away. */
  readonly state: "owner" | "target" | "former";
}

/**
 * What a range of a layer holds. `zero` reads as zeroes whatever lies below; `absent` is answered by the parent,
 * and reads as zeroes where there is none. It may call data what is a hole; where the layer isn't exact, nothing relies on it.
 */
export interface Extent {
  readonly offset: number;
  readonly length: number;
  readonly kind: "data" | "zero" | "absent";
}

/**
 * An open layer. Offsets and lengths are bytes, multiples of 512, and nothing reaches beyond `sizeBytes` (the caller
 * checks); a length of 0 does nothing. Calls may overlap in time; overlapping writes land in any order, each 512-byte
 * sector whole.
 *
 * An operation that completes at once answers nothing and must not cost a microtask; one that waits answers a
 * promise. Buffers belong to the layer until the call returns or its promise settles, and never after.
 *
 * Errors: `no-space`, `layer-io-failed` (`lost: true` in its data where the bytes are gone for good), `layer-closed`; after a failed flush `layer-failed` for every later
 * flush, until the layer is reopened.
 */
export interface Layer {
  readonly ref: LayerRef;
  /** As it was opened, or last resized. */
  readonly sizeBytes: number;
  /** Fills `into` with the bytes at `offset`; what was never written reads as zeroes. */
  read(offset: number, into: Uint8Array): void | Promise<void>;
  /** Read by every later call once it has settled; durable only after a `flush`. `layer-read-only`, `no-space`. */
  write(offset: number, from: Uint8Array): void | Promise<void>;
  /** Makes the range read as zeroes, giving its space back where the store can; durable only after a `flush`. */
  zero(offset: number, length: number): void | Promise<void>;
  /** Whether `zero` takes less time than writing zeroes would. Guests are held to it: never true on the off-chance. */
  readonly fastZero: boolean;
  /** A hint that the range will be read soon. Absent where it would do nothing; changes nothing and never fails. */
  prefetch?(offset: number, length: number): void | Promise<void>;
  /** Durable, as the datastore's durability says: every write and zero that had settled before the call. */
  flush(): Promise<void>;
  /**
   * Makes it so long; durable when it resolves, and a crash leaves the old length or the new one. Bytes that growing
   * adds read as zeroes, also where shrinking took them; but a layer that was opened shorter than it is has kept what
   * lies beyond, and growing brings that back. Requests inside both lengths may be under way. The
   * caller doesn't stamp the layer meanwhile. `capability-missing` where the datastore doesn't have `resize`,
   * `layer-too-long` where it holds none so long.
   */
  resize(sizeBytes: number): Promise<void>;
  /**
   * Whether what `extents` calls zero does read as zeroes, whatever was written and not yet flushed: a move then takes
   * its word and reads no holes. Never true on the off-chance. Absent: extents are hints.
   */
  readonly exactExtents?: boolean;
  /** The range from end to end, without gaps, in order. */
  extents(offset: number, length: number): AsyncIterable<Extent>;
  /** What it costs and holds, as of now; asks nothing of the store. Absent where the store charges for nothing and lacks nothing. */
  usage?(): LayerUsage;
  /** Flushes nothing. Ends when every operation has ended; the layer may be opened again then. Again it does nothing. */
  close(): Promise<void>;
}
