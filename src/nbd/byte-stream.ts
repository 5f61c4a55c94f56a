import { connect, type NetConnectOpts, type Socket } from "node:net";
import { CodedError, reasonOf } from "../contract/index.ts";

/** A socket to be read by exact lengths. One reader at a time; every wait ends when the connection does. */
export class ByteStream {
  readonly socket: Socket;
  /** Resolves when the connection has ended, however it did. */
  readonly closed: Promise<void>;
  readonly #address: string;
  #chunks: Buffer[] = [];
  #length = 0;
  #over = false;
  #wake: () => void = () => {};

  constructor(socket: Socket, address: string) {
    this.socket = socket;
    this.#address = address;
    socket.on("data", (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#length += chunk.length;
      this.#wake();
    });
    const over = () => {
      this.#over = true;
      this.#wake();
    };
    socket.on("error", over);
    socket.on("end", over);
    this.closed = new Promise((resolve) => {
      socket.once("close", () => {
        over();
        resolve();
      });
    });
  }

  /** Connects; `peer-lost` where nobody listens. */
  static async connect(
    options: NetConnectOpts,
    address: string,
    signal: AbortSignal | undefined,
  ): Promise<ByteStream> {
    const socket = connect(options);
    const abort = () => socket.destroy(signal?.reason);
    signal?.addEventListener("abort", abort);
    try {
      signal?.throwIfAborted();
      await new Promise((resolve, reject) => {
        socket.once("connect", resolve);
        socket.once("error", reject);
      });
    } catch (cause) {
      socket.destroy();
      throw new CodedError(
        "peer-lost",
        { peer: address, operation: `connect (${reasonOf(cause)})` },
        { cause },
      );
    } finally {
      signal?.removeEventListener("abort", abort);
    }
    socket.setNoDelay(true);
    return new ByteStream(socket, address);
  }

  /** `peer-lost` when the connection ends before so many bytes came. */
  async read(count: number): Promise<Buffer> {
    while (this.#length < count) {
      if (this.#over)
        throw new CodedError("peer-lost", { peer: `the NBD server at ${this.#address}`, operation: "read" });
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const first = this.#chunks[0];
    const all =
      first !== undefined && first.length >= count ? first : Buffer.concat(this.#chunks, this.#length);
    if (all !== first) this.#chunks = [];
    else this.#chunks.shift();
    if (all.length > count) this.#chunks.unshift(all.subarray(count));
    this.#length -= count;
    return all.subarray(0, count);
  }
}
