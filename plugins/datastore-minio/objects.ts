import type { Outage } from "./outages.ts";
import type { Tally } from "./tally.ts";

/** An object as a list of the bucket shows it. */
export interface StoredObject {
  /** Without the datastore's prefix. */
  readonly key: string;
  readonly sizeBytes: number;
  /** Milliseconds since the epoch, by the server's clock. */
  readonly modifiedAt: number;
}

/** Ends one call: what is under way is torn down, and the call rejects with the signal's reason. */
export interface ObjectCall {
  readonly signal?: AbortSignal;
  /** Instead of the store's deadline: after so many milliseconds without an answer, or a byte moving, it rejects. */
  readonly deadlineMs?: number;
}

export interface ObjectPut extends ObjectCall {
  /** The CRC-32 of the parts, one after the other, from whoever knows it: summing it up takes a pass over all bytes. */
  readonly crc32?: number;
}

/** What of an object is wanted. */
export interface ObjectRange extends ObjectCall {
  /** By default 0. */
  readonly offset?: number;
  /** At least 1; by default all that follows. */
  readonly length?: number;
  /** Where what is answered may lie, if there is room: it is the caller's again when the call has resolved. */
  readonly into?: Buffer;
  /**
   * May be told, again and again, how many of the first bytes of the answer have come: they stay as they are. A try that
   * fails is followed by one that tells from the beginning on, of other memory.
   */
  readonly onBytes?: (answer: Buffer, came: number) => void;
}

/**
 * The objects of one datastore: those of its bucket below its prefix, which no key carries here. Any number of calls
 * may be under way at once.
 *
 * A call outlasts what passes: connections refused and lost, answers that don't come, 408, 429 and 5xx are tried
 * again, with jitter, until the store's deadline (`datastore-unavailable` then, with the last reason) or the call's
 * signal. It rejects at once with what waiting doesn't mend: `bucket-access-denied`, `bucket-not-found`,
 * `bucket-clock-skewed`, `bucket-endpoint-wrong`, `bucket-refused`; and with `no-space` where the bucket is full.
 * What was refused for its credentials is tried once more with those that the file holds by now.
 */
export interface Objects {
  /** Where people find a key: `<endpoint>/<bucket>/<prefix><key>`. */
  location(key: string): string;
  /** Since when the store doesn't answer; undefined while it does. */
  readonly outage: Outage | undefined;
  /** The same objects; what is asked through the answer is counted in `tally` too. */
  countedIn(tally: Tally): Objects;
  /**
   * Makes the object of these parts, one after the other, if its key is free: one conditional PUT, durable when it
   * resolves, verified by the server against a checksum of the bytes. The parts stay as they are until then: a retry
   * sends them again. `exists`: the key is taken - by whom, the caller finds out, since the retry of a PUT whose
   * answer was lost meets its own object.
   *
   * After a rejection the object may be made still: now, or when a request that was on its way arrives.
   */
  put(key: string, parts: readonly Uint8Array[], options?: ObjectPut): Promise<"made" | "exists">;
  /** The object or that range of it, shorter where it ends earlier; undefined where there is no such object. */
  get(key: string, options?: ObjectRange): Promise<Buffer | undefined>;
  /** Those whose key begins with `prefix` and comes after `after`, in the order of their keys, a page at a time. */
  list(prefix: string, options?: ObjectCall & { readonly after?: string }): AsyncIterable<StoredObject>;
  /** Removes them; one that isn't there is removed already. After a rejection some may be gone. */
  remove(keys: readonly string[], options?: ObjectCall): Promise<void>;
  /** Inside the server, unconditionally. False where there is no `from`. */
  copy(from: string, to: string, options?: ObjectCall): Promise<boolean>;
}
