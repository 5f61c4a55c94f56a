import { CodedError } from "../../contract/index.ts";
import type { ByteStream } from "./byte-stream.ts";
import type { Agreement } from "./handshake.ts";

const SIMPLE_MAGIC = 0x67446698;
const STRUCTURED_MAGIC = 0x668e33ef;
const chunk = { none: 0, data: 1, hole: 2, blockStatus: 5, error: 0x8000 } as const;
const DONE = 1;
const names: Readonly<Record<number, string>> = {
  1: "EPERM",
  5: "EIO",
  12: "ENOMEM",
  22: "EINVAL",
  28: "ENOSPC",
  75: "EOVERFLOW",
  95: "ENOTSUP",
  108: "ESHUTDOWN",
};

/** A range of an export as block status describes it. */
export interface NbdExtent {
  readonly offset: number;
  readonly length: number;
  readonly hole: boolean;
  readonly zero: boolean;
}

/** A request that waits for its answer. */
interface Expected {
  readonly operation: string;
  readonly offset: number;
  /** Where a read's bytes go. */
  readonly into: Buffer | undefined;
  /** Where block status is put. */
  readonly extents: NbdExtent[] | undefined;
}

interface Waiting extends Expected {
  failure: CodedError | undefined;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Reads replies in whatever order they come and ends the requests that wait for them. */
export class ReplyReader {
  readonly #stream: ByteStream;
  readonly #agreement: Agreement;
  readonly #address: string;
  readonly #waiting = new Map<bigint, Waiting>();
  #ended: unknown;

  constructor(stream: ByteStream, agreement: Agreement, address: string) {
    this.#stream = stream;
    this.#agreement = agreement;
    this.#address = address;
    void this.#run();
  }

  expect(handle: bigint, expected: Expected): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#ended === undefined)
        this.#waiting.set(handle, { ...expected, failure: undefined, resolve, reject });
      else reject(this.#lost(expected));
    });
  }

  async #run(): Promise<void> {
    try {
      for (;;) await this.#reply();
    } catch (error) {
      this.#ended = error;
      this.#stream.socket.destroy();
      for (const waiting of this.#waiting.values()) waiting.reject(this.#lost(waiting));
      this.#waiting.clear();
    }
  }

  #lost({ operation }: Expected): CodedError {
    if (CodedError.is(this.#ended, "nbd-protocol-broken")) return this.#ended;
    const data = { peer: `the NBD server at ${this.#address}`, operation };
    return new CodedError("peer-lost", data, { cause: this.#ended });
  }

  async #reply(): Promise<void> {
    const magic = (await this.#stream.read(4)).readUInt32BE(0);
    if (magic === SIMPLE_MAGIC) return this.#simple();
    if (magic === STRUCTURED_MAGIC && this.#agreement.structured) return this.#chunk();
    throw this.#broken("a reply without its magic");
  }

  async #simple(): Promise<void> {
    const head = await this.#stream.read(12);
    const waiting = this.#of(head.readBigUInt64BE(4));
    const errno = head.readUInt32BE(0);
    if (errno !== 0) waiting.failure = failed(waiting, errno, "");
    else if (waiting.extents !== undefined || (waiting.into !== undefined && this.#agreement.structured))
      throw this.#broken("a simple reply where a structured one was agreed upon");
    else if (waiting.into !== undefined) (await this.#stream.read(waiting.into.length)).copy(waiting.into);
    this.#end(head.readBigUInt64BE(4), waiting);
  }

  async #chunk(): Promise<void> {
    const head = await this.#stream.read(16);
    const handle = head.readBigUInt64BE(4);
    const waiting = this.#of(handle);
    const data = await this.#stream.read(head.readUInt32BE(12));
    this.#take(waiting, head.readUInt16BE(2), data);
    if ((head.readUInt16BE(0) & DONE) !== 0) this.#end(handle, waiting);
  }

  #take(waiting: Waiting, type: number, data: Buffer): void {
    if ((type & chunk.error) !== 0) {
      const message = data.toString("utf8", 6, 6 + data.readUInt16BE(4));
      waiting.failure = failed(waiting, data.readUInt32BE(0), message);
    } else if (type === chunk.data && waiting.into !== undefined) {
      const at = this.#within(waiting, data.readBigUInt64BE(0), data.length - 8);
      data.copy(waiting.into, at, 8);
    } else if (type === chunk.hole && waiting.into !== undefined) {
      const length = data.readUInt32BE(8);
      const at = this.#within(waiting, data.readBigUInt64BE(0), length);
      waiting.into.fill(0, at, at + length);
    } else if (type === chunk.blockStatus && waiting.extents !== undefined) {
      this.#takeExtents(waiting.extents, waiting.offset, data);
    } else if (type !== chunk.none) throw this.#broken(`a chunk of type ${type} for ${waiting.operation}`);
  }

  #within({ offset, into }: Waiting, start: bigint, length: number): number {
    const at = Number(start) - offset;
    if (at < 0 || at + length > (into?.length ?? 0)) throw this.#broken("bytes that were not asked for");
    return at;
  }

  #takeExtents(extents: NbdExtent[], from: number, data: Buffer): void {
    if (data.readUInt32BE(0) !== this.#agreement.allocationId) throw this.#broken("an unknown context");
    let offset = from;
    for (let at = 4; at + 8 <= data.length; at += 8) {
      const length = data.readUInt32BE(at);
      const state = data.readUInt32BE(at + 4);
      extents.push({ offset, length, hole: (state & 1) !== 0, zero: (state & 2) !== 0 });
      offset += length;
    }
  }

  #of(handle: bigint): Waiting {
    const waiting = this.#waiting.get(handle);
    if (waiting === undefined) throw this.#broken("an answer to no request");
    return waiting;
  }

  #end(handle: bigint, { failure, resolve, reject }: Waiting): void {
    this.#waiting.delete(handle);
    if (failure === undefined) resolve();
    else reject(failure);
  }

  #broken(problem: string): CodedError {
    return new CodedError("nbd-protocol-broken", { address: this.#address, problem });
  }
}

const failed = ({ operation, offset }: Expected, errno: number, message: string): CodedError =>
  new CodedError("nbd-error", { operation, errno: names[errno] ?? `error ${errno}`, offset, message });
