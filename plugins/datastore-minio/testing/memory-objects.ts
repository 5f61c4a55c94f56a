import { crc32 as crc32Of } from "node:zlib";
import type { ObjectCall, ObjectPut, ObjectRange, Objects, StoredObject } from "../objects.ts";
import type { Outage } from "../outages.ts";

/** A request as `before` sees it. */
export interface Requested {
  readonly kind: "put" | "get" | "list" | "remove" | "copy";
  readonly key: string;
}

/**
 * Objects in memory, with the promises of a bucket. `before` may hold or fail a request before it takes effect, `after`
 * once it has: an answer that is lost.
 */
export class MemoryObjects implements Objects {
  objects: Map<string, Buffer>;
  before: (request: Requested) => void | Promise<void> = () => undefined;
  after: (request: Requested) => void | Promise<void> = () => undefined;
  requests = 0;

  constructor(objects: ReadonlyMap<string, Buffer> = new Map()) {
    this.objects = new Map(objects);
  }

  outage: Outage | undefined;

  location(key: string): string {
    return `memory:${key}`;
  }

  countedIn(): Objects {
    return this;
  }

  async put(
    key: string,
    parts: readonly Uint8Array[],
    { crc32, signal }: ObjectPut = {},
  ): Promise<"made" | "exists"> {
    const bytes = Buffer.concat(parts);
    if (crc32 !== undefined && crc32 !== crc32Of(bytes))
      throw new Error(`the bytes of ${key} aren't those that were summed up`);
    return this.#request({ kind: "put", key }, signal, () => {
      if (this.objects.has(key)) return "exists";
      this.objects.set(key, bytes);
      return "made";
    });
  }

  /** In two parts, and in the caller's memory where that is wanted. */
  async get(
    key: string,
    { offset = 0, length, into, onBytes, signal }: ObjectRange = {},
  ): Promise<Buffer | undefined> {
    return this.#request({ kind: "get", key }, signal, () => {
      const end = length === undefined ? undefined : offset + length;
      const bytes = this.objects.get(key)?.subarray(offset, end);
      if (bytes === undefined) return undefined;
      const fits = into !== undefined && bytes.length <= into.length;
      const answer = fits ? into.subarray(0, bytes.length) : Buffer.alloc(bytes.length);
      const half = Math.floor(bytes.length / 2);
      bytes.copy(answer, 0, 0, half);
      onBytes?.(answer, half);
      bytes.copy(answer, half, half);
      onBytes?.(answer, bytes.length);
      return answer;
    });
  }

  async *list(
    prefix: string,
    { after = "", signal }: ObjectCall & { readonly after?: string } = {},
  ): AsyncIterable<StoredObject> {
    const found = await this.#request({ kind: "list", key: prefix }, signal, () =>
      [...this.objects].filter(([key]) => key.startsWith(prefix) && key > after),
    );
    for (const [key, { length: sizeBytes }] of found.sort(([a], [b]) => (a < b ? -1 : 1)))
      yield { key, sizeBytes, modifiedAt: 0 };
  }

  async remove(keys: readonly string[], { signal }: ObjectCall = {}): Promise<void> {
    for (const key of keys)
      await this.#request({ kind: "remove", key }, signal, () => void this.objects.delete(key));
  }

  async copy(from: string, to: string, { signal }: ObjectCall = {}): Promise<boolean> {
    return this.#request({ kind: "copy", key: to }, signal, () => {
      const bytes = this.objects.get(from);
      if (bytes !== undefined) this.objects.set(to, bytes);
      return bytes !== undefined;
    });
  }

  async #request<T>(request: Requested, signal: AbortSignal | undefined, perform: () => T): Promise<T> {
    this.requests++;
    signal?.throwIfAborted();
    await this.before(request);
    signal?.throwIfAborted();
    const result = perform();
    await this.after(request);
    return result;
  }
}
