import { type BlockSizes, CodedError } from "../contract/index.ts";
import type { ByteStream } from "./byte-stream.ts";
import { type Agreement, type NbdForm, NbdHandshake, type NbdWishes } from "./handshake.ts";
import { type NbdChunk, type NbdStatus, ReplyReader } from "./reply-reader.ts";
import { command, flag, type NbdRequestHead, requestHead } from "./request-head.ts";
import { type NbdTarget, nbdPlace } from "./target.ts";

const ALLOCATION = "base:allocation";

/** How a client connects; the signal gives up the handshake, not the connection that it has led to. */
export interface NbdClientOptions extends NbdWishes {
  readonly signal?: AbortSignal;
}

/** How a change is to be made. */
export interface NbdChange {
  /** Answered only when it is durable. */
  readonly fua?: boolean;
}

/** How zeroes are to be made. */
export interface NbdZero extends NbdChange {
  /** Forbids to make a hole of it. */
  readonly keepSpace?: boolean;
  /** Refused with `ENOTSUP` where it would take as long as writing. */
  readonly fast?: boolean;
}

/** A range of an export as `base:allocation` describes it. */
export interface NbdExtent {
  readonly offset: number;
  readonly length: number;
  readonly hole: boolean;
  readonly zero: boolean;
}

/**
 * An NBD client. Any number of requests may be in flight. Each ends with its answer, with
 * `nbd-error` (`data.errno` is its name), or with `peer-lost` when the connection ends first.
 */
export class NbdClient {
  readonly #stream: ByteStream;
  readonly #agreement: Agreement;
  readonly #replies: ReplyReader;
  #sent = 0;

  private constructor(stream: ByteStream, agreement: Agreement, address: string) {
    this.#stream = stream;
    this.#agreement = agreement;
    this.#replies = new ReplyReader(stream, agreement, address);
  }

  /** `peer-lost`, `export-not-found`, `nbd-protocol-broken`, `cancelled`. */
  static async connect(target: NbdTarget, options: NbdClientOptions = {}): Promise<NbdClient> {
    const { exportName, address } = nbdPlace(target);
    return negotiated(target, options.signal, async (handshake) => {
      const agreement = await handshake.choose(exportName, options);
      return new NbdClient(handshake.stream, agreement, address);
    });
  }

  /** Goes on where a handshake has chosen its export. */
  static after({ stream, address }: NbdHandshake, agreement: Agreement): NbdClient {
    return new NbdClient(stream, agreement, address);
  }

  get sizeBytes(): number {
    return this.#agreement.sizeBytes;
  }

  /** The transmission flags, as they are in the protocol. */
  get flags(): number {
    return this.#agreement.flags;
  }

  get blockSizes(): BlockSizes {
    return this.#agreement.blockSizes;
  }

  /** What server and client came to, which may be less than was wished for. */
  get form(): NbdForm {
    return this.#agreement.form;
  }

  /** The metadata contexts that were granted, with their ids. */
  get contexts(): ReadonlyMap<string, number> {
    return this.#agreement.contexts;
  }

  /** Resolves when the connection has ended, however it did. */
  get closed(): Promise<void> {
    return this.#stream.closed;
  }

  /** Bytes that the server has not taken yet. */
  get unsentBytes(): number {
    return this.#stream.socket.writableLength;
  }

  /** Rejects with `nbd-error` where the server answers an error, with `peer-lost` where it goes away. */
  async read(offset: number, length: number): Promise<Buffer> {
    const into = Buffer.alloc(length);
    await this.#request("read", { command: command.read, offset, length }, { into });
    return into;
  }

  /** The bytes are the caller's again when it settles. Rejects as `read` does. */
  async write(offset: number, bytes: Uint8Array, { fua = false }: NbdChange = {}): Promise<void> {
    const payload = this.form === "extended" ? flag.payloadLength : 0;
    const flags = payload | (fua ? flag.fua : 0);
    await this.#request(
      "write",
      { command: command.write, flags, offset, length: bytes.length },
      { payload: bytes },
    );
  }

  /** Makes the range read as zeroes. */
  async zero(
    offset: number,
    length: number,
    { fua = false, keepSpace = false, fast = false }: NbdZero = {},
  ): Promise<void> {
    const flags = (fua ? flag.fua : 0) | (keepSpace ? flag.noHole : 0) | (fast ? flag.fastZero : 0);
    await this.#request("zero", { command: command.zero, flags, offset, length });
  }

  /** Tells the server that the range is not needed any more; what it then reads as is the server's choice. */
  async trim(offset: number, length: number, { fua = false }: NbdChange = {}): Promise<void> {
    await this.#request("trim", { command: command.trim, flags: fua ? flag.fua : 0, offset, length });
  }

  /** Tells the server that the range will be read soon. */
  async cache(offset: number, length: number): Promise<void> {
    await this.#request("cache", { command: command.cache, offset, length });
  }

  /** Durable: every write that was answered before. */
  async flush(): Promise<void> {
    await this.#request("flush", { command: command.flush, offset: 0, length: 0 });
  }

  /** The server may answer for less than the range: ask again from where it ends. */
  async blockStatus(
    offset: number,
    length: number,
    { one = false }: { readonly one?: boolean } = {},
  ): Promise<readonly NbdExtent[]> {
    const statuses = await this.status(offset, length, { one });
    return (statuses.get(ALLOCATION) ?? []).map(({ state, ...range }) => ({
      ...range,
      hole: (state & 1) !== 0,
      zero: (state & 2) !== 0,
    }));
  }

  /**
   * What each chosen context says of the range; with `only` (extended headers alone have that) those of them. Each
   * may answer for less than the range.
   */
  async status(
    offset: number,
    length: number,
    { one = false, only }: { readonly one?: boolean; readonly only?: readonly string[] } = {},
  ): Promise<ReadonlyMap<string, readonly NbdStatus[]>> {
    const statuses = new Map<number, readonly NbdStatus[]>();
    const flags = one ? flag.requestOne : 0;
    const payload =
      only &&
      statusQuery(
        length,
        only.map((name) => this.contexts.get(name) ?? 0),
      );
    const head = payload
      ? { command: command.blockStatus, flags: flags | flag.payloadLength, offset, length: payload.length }
      : { command: command.blockStatus, flags, offset, length };
    await this.#request("blockStatus", head, { statuses, ...(payload && { payload }) });
    const nameOf = new Map([...this.contexts].map(([name, id]) => [id, name]));
    return new Map([...statuses].map(([id, found]) => [nameOf.get(id) ?? String(id), found]));
  }

  /** A request as it is, also one that the protocol doesn't know; resolves with the chunks of its reply. */
  ask(head: NbdRequestHead, payload?: Uint8Array): Promise<readonly NbdChunk[]> {
    return this.#request("ask", head, {
      ...(payload && { payload }),
      ...(head.command === command.read && { into: Buffer.alloc(Number(head.length)) }),
      ...(head.command === command.blockStatus && { statuses: new Map() }),
    });
  }

  /** Bytes as they are, to see what a server does with them. */
  sendRaw(bytes: Uint8Array): void {
    this.#stream.socket.write(bytes);
  }

  /** Says good-bye; resolves when the server has hung up. */
  async disconnect(): Promise<void> {
    this.#stream.socket.write(this.#head({ command: command.disconnect, offset: 0, length: 0 }).bytes);
    await this.closed;
  }

  /** Vanishes without a word. */
  destroy(): void {
    this.#stream.socket.destroy();
  }

  #head(request: NbdRequestHead): { readonly bytes: Buffer; readonly handle: bigint } {
    this.#sent++;
    const handle = BigInt(this.#sent);
    return { bytes: requestHead(request, handle, this.form === "extended"), handle };
  }

  #request(
    operation: string,
    request: NbdRequestHead,
    { payload, into, statuses }: Body = {},
  ): Promise<readonly NbdChunk[]> {
    const { bytes, handle } = this.#head(request);
    const answered = this.#replies.expect(handle, { operation, offset: request.offset, into, statuses });
    this.#stream.socket.cork();
    this.#stream.socket.write(bytes);
    if (payload !== undefined) this.#stream.socket.write(payload);
    this.#stream.socket.uncork();
    return answered;
  }
}

interface Body {
  readonly payload?: Uint8Array;
  readonly into?: Buffer;
  readonly statuses?: Map<number, readonly NbdStatus[]>;
}

/** The payload by which block status is asked of some contexts only. */
const statusQuery = (length: number, ids: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(8 + 4 * ids.length);
  bytes.writeBigUInt64BE(BigInt(length), 0);
  for (const [n, id] of ids.entries()) bytes.writeUInt32BE(id, 8 + 4 * n);
  return bytes;
};

/** The names of a server's exports. */
export const nbdExports = (
  target: NbdTarget,
  options: { readonly signal?: AbortSignal } = {},
): Promise<readonly string[]> =>
  negotiated(target, options.signal, async (handshake) => {
    const names = await handshake.list();
    handshake.destroy();
    return names;
  });

/** Connects and greets; the connection is gone when `then` rejects or the signal fires before it ended. */
const negotiated = async <T>(
  target: NbdTarget,
  signal: AbortSignal | undefined,
  then: (handshake: NbdHandshake) => Promise<T>,
): Promise<T> => {
  let handshake: NbdHandshake | undefined;
  const abort = () => handshake?.destroy();
  signal?.addEventListener("abort", abort);
  try {
    handshake = await NbdHandshake.connect(target, signal && { signal });
    signal?.throwIfAborted();
    return await then(handshake);
  } catch (cause) {
    handshake?.destroy();
    const { address } = nbdPlace(target);
    if (signal?.aborted) throw new CodedError("cancelled", { what: `connecting to ${address}` }, { cause });
    throw cause;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
};
