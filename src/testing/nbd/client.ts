import { type BlockSizes, CodedError } from "../../contract/index.ts";
import { ByteStream } from "./byte-stream.ts";
import { type Agreement, ClientHandshake } from "./handshake.ts";
import { type NbdExtent, ReplyReader } from "./reply-reader.ts";
import { type NbdTarget, nbdPlace } from "./target.ts";

const REQUEST_MAGIC = 0x25609513;
const command = { read: 0, write: 1, disconnect: 2, flush: 3, trim: 4, zero: 6, blockStatus: 7 } as const;
const flag = { fua: 1, noHole: 2, requestOne: 8 } as const;

export interface NbdClientOptions {
  readonly signal?: AbortSignal;
  /** Whether to ask for structured replies, and `base:allocation` with them; by default yes. */
  readonly structured?: boolean;
}

/** How a change is to be made. */
export interface NbdChange {
  /** Answered only when it is durable. */
  readonly fua?: boolean;
}

/**
 * An NBD client for demos and tests. Any number of requests may be in flight. Each ends with its answer, with
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

  /** `peer-lost`, `export-not-found`, `nbd-protocol-broken`. */
  static async connect(target: NbdTarget, options: NbdClientOptions = {}): Promise<NbdClient> {
    const { exportName, address } = nbdPlace(target);
    return negotiate(target, options.signal, async (handshake, stream) => {
      const agreement = await handshake.choose(exportName, options.structured ?? true);
      return new NbdClient(stream, agreement, address);
    });
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

  /** Resolves when the connection has ended, however it did. */
  get closed(): Promise<void> {
    return this.#stream.closed;
  }

  async read(offset: number, length: number): Promise<Buffer> {
    const into = Buffer.alloc(length);
    await this.#request("read", { command: command.read, offset, length }, { into });
    return into;
  }

  async write(offset: number, bytes: Uint8Array, { fua = false }: NbdChange = {}): Promise<void> {
    const head = { command: command.write, flags: fua ? flag.fua : 0, offset, length: bytes.length };
    await this.#request("write", head, { payload: bytes });
  }

  /** Makes the range read as zeroes; `keepSpace` forbids to make a hole of it. */
  async zero(
    offset: number,
    length: number,
    { fua = false, keepSpace = false }: NbdChange & { readonly keepSpace?: boolean } = {},
  ): Promise<void> {
    const flags = (fua ? flag.fua : 0) | (keepSpace ? flag.noHole : 0);
    await this.#request("zero", { command: command.zero, flags, offset, length });
  }

  async trim(offset: number, length: number, { fua = false }: NbdChange = {}): Promise<void> {
    await this.#request("trim", { command: command.trim, flags: fua ? flag.fua : 0, offset, length });
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
    const extents: NbdExtent[] = [];
    const head = { command: command.blockStatus, flags: one ? flag.requestOne : 0, offset, length };
    await this.#request("blockStatus", head, { extents });
    return extents;
  }

  /** A request without payload as it is, also one that the protocol doesn't know. */
  async ask(head: NbdRequestHead): Promise<void> {
    await this.#request("ask", head);
  }

  /** Bytes as they are, to see what a server does with them. */
  sendRaw(bytes: Uint8Array): void {
    this.#stream.socket.write(bytes);
  }

  /** Says good-bye; resolves when the server has hung up. */
  async disconnect(): Promise<void> {
    this.#stream.socket.write(this.#head({ command: command.disconnect, offset: 0, length: 0 }));
    await this.closed;
  }

  /** Vanishes without a word. */
  destroy(): void {
    this.#stream.socket.destroy();
  }

  #head(request: NbdRequestHead): Buffer {
    this.#sent++;
    const bytes = Buffer.alloc(28);
    bytes.writeUInt32BE(REQUEST_MAGIC, 0);
    bytes.writeUInt16BE(request.flags ?? 0, 4);
    bytes.writeUInt16BE(request.command, 6);
    bytes.writeBigUInt64BE(BigInt(this.#sent), 8);
    bytes.writeBigUInt64BE(BigInt(request.offset), 16);
    bytes.writeUInt32BE(request.length, 24);
    return bytes;
  }

  #request(operation: string, head: NbdRequestHead, { payload, into, extents }: Body = {}): Promise<void> {
    const bytes = this.#head(head);
    const answered = this.#replies.expect(bytes.readBigUInt64BE(8), {
      operation,
      offset: head.offset,
      into,
      extents,
    });
    this.#stream.socket.cork();
    this.#stream.socket.write(bytes);
    if (payload !== undefined) this.#stream.socket.write(payload);
    this.#stream.socket.uncork();
    return answered;
  }
}

/** A request by its numbers in the protocol. */
export interface NbdRequestHead {
  readonly command: number;
  readonly flags?: number;
  readonly offset: number;
  readonly length: number;
}

interface Body {
  readonly payload?: Uint8Array;
  readonly into?: Buffer;
  readonly extents?: NbdExtent[];
}

/** The names of a server's exports. */
export const nbdExports = (
  target: NbdTarget,
  options: { readonly signal?: AbortSignal } = {},
): Promise<readonly string[]> =>
  negotiate(target, options.signal, async (handshake, stream) => {
    const names = await handshake.list();
    stream.socket.destroy();
    return names;
  });

/** Connects and greets; the connection is gone when `then` rejects or the signal fires before it ended. */
const negotiate = async <T>(
  target: NbdTarget,
  signal: AbortSignal | undefined,
  then: (handshake: ClientHandshake, stream: ByteStream) => Promise<T>,
): Promise<T> => {
  const { connection, address } = nbdPlace(target);
  const stream = await ByteStream.connect(connection, address, signal);
  const abort = () => stream.socket.destroy();
  signal?.addEventListener("abort", abort);
  try {
    const handshake = new ClientHandshake(stream, address);
    await handshake.greet();
    return await then(handshake, stream);
  } catch (cause) {
    stream.socket.destroy();
    if (signal?.aborted) throw new CodedError("cancelled", { what: `connecting to ${address}` }, { cause });
    throw cause;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
};
