import { setMaxListeners } from "node:events";
import { CodedError } from "pagurus";
import { fetchIndex } from "./fetch-index.ts";
import { logObjectKey } from "./layout.ts";
import type { Objects } from "./objects.ts";

/** A log object as it goes to the bucket; its parts stay as they are until it is confirmed. */
export interface SealedObject {
  readonly number: number;
  readonly parts: readonly Uint8Array[];
  /** Of the parts, one after the other. */
  readonly crc32: number;
  /** That of its index, which stands for the object. */
  readonly checksum: Uint8Array;
}

export interface UploadsOptions {
  readonly objects: Objects;
  readonly log: string;
  /** Number n goes out only when n <= confirmed + window: whoever takes over relies on it. */
  readonly window: number;
  /** The number of the last log object that is in the bucket. */
  readonly confirmed: number;
  /** Called for each number as it is confirmed, in order: the bucket has it and every lower one. */
  readonly onConfirmed: (object: SealedObject) => void;
  /** Waits a while before a full bucket is tried again. */
  readonly whenFull: (signal: AbortSignal) => Promise<void>;
  /** Called once when the log can't go on: another writer has taken over, or the store's deadline has passed. */
  readonly onFailed: (error: unknown) => void;
}

interface Waiter {
  readonly number: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Brings the objects of one log to the bucket, several at once and each under the number that was bound to its bytes
 * for ever. What is confirmed is a prefix of what was added, whatever order answers come in.
 */
export class Uploads {
  readonly #options: UploadsOptions;
  readonly #abort = new AbortController();
  readonly #queue: SealedObject[] = [];
  readonly #inBucket = new Map<number, SealedObject>();
  readonly #underWay = new Set<Promise<void>>();
  readonly #waiters: Waiter[] = [];
  #confirmed: number;
  #failure: { readonly error: unknown } | undefined;

  constructor(options: UploadsOptions) {
    this.#options = options;
    // Every request listens to it.
    setMaxListeners(0, this.#abort.signal);
    this.#confirmed = options.confirmed;
  }

  /** The highest number that the bucket has with all lower ones. */
  get confirmed(): number {
    return this.#confirmed;
  }

  /** Numbers are added one after the other, each one higher than the last. */
  add(object: SealedObject): void {
    this.#queue.push(object);
    this.#start();
  }

  /** Resolves once `number` and every lower one are in the bucket. */
  reached(number: number): Promise<void> {
    if (number <= this.#confirmed) return Promise.resolve();
    if (this.#failure) return Promise.reject(this.#failure.error);
    return new Promise((resolve, reject) => {
      this.#waiters.push({ number, resolve, reject });
    });
  }

  /** Starts nothing more, tears down what is under way, and ends when that has ended. Nobody who waits is answered. */
  async stop(): Promise<void> {
    this.#queue.length = 0;
    this.#failure ??= { error: new CodedError("call-interrupted", { function: "the upload" }) };
    this.#abort.abort();
    await Promise.allSettled(this.#underWay);
    for (const { reject } of this.#waiters.splice(0)) reject(this.#failure.error);
  }

  #start(): void {
    while (this.#failure === undefined) {
      const next = this.#queue[0];
      if (next === undefined || next.number > this.#confirmed + this.#options.window) return;
      this.#queue.shift();
      const upload = this.#upload(next).catch((error: unknown) => this.#fail(error));
      this.#underWay.add(upload);
      void upload.finally(() => this.#underWay.delete(upload));
    }
  }

  async #upload(object: SealedObject): Promise<void> {
    const { objects, log } = this.#options;
    const { signal } = this.#abort;
    const key = logObjectKey(log, object.number);
    if ((await this.#put(key, object, signal)) === "exists") {
      // The answer to an earlier try was lost, or somebody else has taken over.
      const found = await fetchIndex(objects, key, { signal }).catch((error: unknown) => {
        // What this release can't read it hasn't written.
        if (!CodedError.is(error, "object-newer")) throw error;
      });
      const ours = found !== undefined && Buffer.compare(found.checksum, object.checksum) === 0;
      if (!ours) throw new CodedError("log-fenced", { object: objects.location(key) });
    }
    this.#inBucket.set(object.number, object);
    this.#confirm();
    this.#start();
  }

  /** A full bucket is told to whoever waits, who may wait again; what is to go there stays, until there is room. */
  async #put(key: string, { parts, crc32 }: SealedObject, signal: AbortSignal): Promise<"made" | "exists"> {
    for (;;) {
      try {
        return await this.#options.objects.put(key, parts, { crc32, signal });
      } catch (error) {
        if (!CodedError.is(error, "no-space")) throw error;
        for (const { reject } of this.#waiters.splice(0)) reject(error);
        await this.#options.whenFull(signal);
      }
    }
  }

  #confirm(): void {
    for (;;) {
      const next = this.#inBucket.get(this.#confirmed + 1);
      if (next === undefined || this.#failure !== undefined) break;
      this.#inBucket.delete(next.number);
      this.#confirmed = next.number;
      this.#options.onConfirmed(next);
    }
    const reached = this.#waiters.filter(({ number }) => number <= this.#confirmed);
    for (const waiter of reached) {
      this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
      waiter.resolve();
    }
  }

  #fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { error };
    this.#queue.length = 0;
    this.#options.onFailed(error);
    for (const { reject } of this.#waiters.splice(0)) reject(error);
  }
}
