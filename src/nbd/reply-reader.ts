import { CodedError } from "../contract/index.ts";
import type { ByteStream } from "./byte-stream.ts";
import type { Agreement } from "./handshake.ts";

const SIMPLE_MAGIC = 0x67446698;
const STRUCTURED_MAGIC = 0x668e33ef;
const EXTENDED_MAGIC = 0x6e8a278c;
const chunk = { none: 0, data: 1, hole: 2, blockStatus: 5, blockStatusExtended: 6, error: 0x8000 } as const;
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

/** A range of an export and its state, as one metadata context describes it. */
export interface NbdStatus {
  readonly offset: number;
  readonly length: number;
  readonly state: number;
}

/** One chunk of a structured or extended reply. */
export interface NbdChunk {
  readonly type: number;
  readonly data: Buffer;
}

/** A request that waits for its answer. */
interface Expected {
  readonly operation: string;
  readonly offset: number | bigint;
  /** Where a read's bytes go. */
  readonly into: Buffer | undefined;
  /** Where block status is put, by the contexts' ids. */
  readonly statuses: Map<number, readonly NbdStatus[]> | undefined;
}

interface Waiting extends Expected {
  readonly chunks: NbdChunk[];
  failure: CodedError | undefined;
  readonly resolve: (chunks: readonly NbdChunk[]) => void;
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

  /** Resolves with the reply's chunks, none where it is a simple one. */
  expect(handle: bigint, expected: Expected): Promise<readonly NbdChunk[]> {
    return new Promise((resolve, reject) => {
      if (this.#ended === undefined)
        this.#waiting.set(handle, { ...expected, chunks: [], failure: undefined, resolve, reject });
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
    const { form } = this.#agreement;
    if (magic === SIMPLE_MAGIC && form !== "extended") return this.#simple();
    if (magic === STRUCTURED_MAGIC && form === "structured") return this.#chunk(16);
    if (magic === EXTENDED_MAGIC && form === "extended") return this.#chunk(28);
    throw this.#broken("a reply without the magic that was agreed upon");
  }

  async #simple(): Promise<void> {
    const head = await this.#stream.read(12);
    const waiting = this.#of(head.readBigUInt64BE(4));
    const errno = head.readUInt32BE(0);
    const compact = this.#agreement.form === "simple";
    if (errno !== 0) waiting.failure = failed(waiting, errno, "");
    else if (waiting.statuses !== undefined || (waiting.into !== undefined && !compact))
      throw this.#broken("a simple reply where a structured one was agreed upon");
    else if (waiting.into !== undefined) (await this.#stream.read(waiting.into.length)).copy(waiting.into);
    this.#end(head.readBigUInt64BE(4), waiting);
  }

  async #chunk(headBytes: 16 | 28): Promise<void> {
    const head = await this.#stream.read(headBytes);
    const extended = headBytes === 28;
    const handle = head.readBigUInt64BE(4);
    const waiting = this.#of(handle);
    if (extended && head.readBigUInt64BE(12) !== BigInt(waiting.offset))
      throw this.#broken("a reply with an offset other than its request's");
    const length = extended ? Number(head.readBigUInt64BE(20)) : head.readUInt32BE(12);
    const data = await this.#stream.read(length);
    this.#take(waiting, head.readUInt16BE(2), data);
    if ((head.readUInt16BE(0) & DONE) !== 0) this.#end(handle, waiting);
  }

  #take(waiting: Waiting, type: number, data: Buffer): void {
    waiting.chunks.push({ type, data });
    if ((type & chunk.error) !== 0) {
      const message = data.toString("utf8", 6, 6 + data.readUInt16BE(4));
      waiting.failure = failed(waiting, data.readUInt32BE(0), message, type);
    } else if (type === chunk.data && waiting.into !== undefined) {
      const at = this.#within(waiting, data.readBigUInt64BE(0), data.length - 8);
      data.copy(waiting.into, at, 8);
    } else if (type === chunk.hole && waiting.into !== undefined) {
      const length = data.readUInt32BE(8);
      const at = this.#within(waiting, data.readBigUInt64BE(0), length);
      waiting.into.fill(0, at, at + length);
    } else if (type === chunk.blockStatus || type === chunk.blockStatusExtended) {
      this.#takeStatuses(waiting, data, type === chunk.blockStatusExtended);
    } else if (type !== chunk.none) throw this.#broken(`a chunk of type ${type} for ${waiting.operation}`);
  }

  #within({ offset, into }: Waiting, start: bigint, length: number): number {
    const at = Number(start - BigInt(offset));
    if (at < 0 || at + length > (into?.length ?? 0)) throw this.#broken("bytes that were not asked for");
    return at;
  }

  #takeStatuses({ statuses, offset: from }: Waiting, data: Buffer, extended: boolean): void {
    const id = data.readUInt32BE(0);
    if (statuses === undefined || statuses.has(id) || ![...this.#agreement.contexts.values()].includes(id))
      throw this.#broken("a context that was not asked for");
    const found: NbdStatus[] = [];
    const [first, step] = extended ? [8, 16] : [4, 8];
    if (extended && data.readUInt32BE(4) * step + first !== data.length)
      throw this.#broken("a count of extents that is not theirs");
    let offset = Number(from);
    for (let at = first; at + step <= data.length; at += step) {
      const length = extended ? Number(data.readBigUInt64BE(at)) : data.readUInt32BE(at);
      const state = extended ? Number(data.readBigUInt64BE(at + 8)) : data.readUInt32BE(at + 4);
      found.push({ offset, length, state });
      offset += length;
    }
    statuses.set(id, found);
  }

  #of(handle: bigint): Waiting {
    const waiting = this.#waiting.get(handle);
    if (waiting === undefined) throw this.#broken("an answer to no request");
    return waiting;
  }

  #end(handle: bigint, { failure, chunks, resolve, reject }: Waiting): void {
    this.#waiting.delete(handle);
    if (failure === undefined) resolve(chunks);
    else reject(failure);
  }

  #broken(problem: string): CodedError {
    return new CodedError("nbd-protocol-broken", { address: this.#address, problem });
  }
}

const failed = (
  { operation, offset }: Expected,
  errno: number,
  message: string,
  chunkType?: number,
): CodedError =>
  new CodedError("nbd-error", {
    operation,
    errno: names[errno] ?? `error ${errno}`,
    offset: Number(offset),
    message,
    ...(chunkType !== undefined && { chunkType }),
  });
