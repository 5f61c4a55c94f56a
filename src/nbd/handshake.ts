import { type BlockSizes, CodedError } from "../contract/index.ts";
import { ByteStream } from "./byte-stream.ts";
import { type NbdTarget, nbdPlace } from "./target.ts";

const OPTION_MAGIC = 0x49484156454f5054n;
const REPLY_MAGIC = 0x3e889045565a9n;
const CLIENT_FLAGS = 3;
const option = {
  list: 3,
  info: 6,
  go: 7,
  structuredReply: 8,
  setMetaContext: 10,
  extendedHeaders: 11,
} as const;
const reply = {
  ack: 1,
  server: 2,
  info: 3,
  metaContext: 4,
  error: 0x8000_0000,
  unknown: 0x8000_0006,
} as const;
const info = { export: 0, name: 1, description: 2, blockSize: 3 } as const;
const MAX_REPLY_BYTES = 1024 * 1024;

/** How messages look: which replies a client takes, and with `extended` which requests it sends. */
export type NbdForm = "simple" | "structured" | "extended";

/** What a client asks for in its handshake. */
export interface NbdWishes {
  /** By default structured. A server that hasn't got it is asked for the next simpler one. */
  readonly form?: NbdForm;
  /** Metadata contexts, by name; by default `base:allocation`. Never in the simple form. */
  readonly contexts?: readonly string[];
}

/** What a server says of an export. */
export interface NbdExportFacts {
  readonly sizeBytes: number;
  /** The transmission flags, as they are in the protocol. */
  readonly flags: number;
  readonly blockSizes: BlockSizes;
  readonly name: string | undefined;
  readonly description: string | undefined;
}

/** What client and server agreed upon. */
export interface Agreement extends NbdExportFacts {
  readonly form: NbdForm;
  /** The server's ids of the contexts that it granted, by name. */
  readonly contexts: ReadonlyMap<string, number>;
}

/** One answer to an option; several may come before the one that ends them. */
export interface NbdOptionReply {
  /** As it is in the protocol. */
  readonly type: number;
  readonly data: Buffer;
}

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const text = (value: string): Buffer => Buffer.concat([u32(Buffer.byteLength(value)), Buffer.from(value)]);
const infoQuery = (name: string): Buffer => {
  const wanted = [info.name, info.description, info.blockSize];
  return Buffer.concat([text(name), Buffer.from([0, wanted.length, ...wanted.flatMap((type) => [0, type])])]);
};

const factsOf = (replies: readonly NbdOptionReply[]): NbdExportFacts | undefined => {
  const infos = new Map(
    replies
      .filter(({ type }) => type === reply.info)
      .map(({ data }) => [data.readUInt16BE(0), data.subarray(2)] as const),
  );
  const found = infos.get(info.export);
  const sizes = infos.get(info.blockSize);
  if (found === undefined) return undefined;
  return {
    sizeBytes: Number(found.readBigUInt64BE(0)),
    flags: found.readUInt16BE(8),
    blockSizes: {
      minimum: sizes?.readUInt32BE(0) ?? 1,
      preferred: sizes?.readUInt32BE(4) ?? 4096,
      maximum: sizes?.readUInt32BE(8) ?? 32 * 1024 * 1024,
    },
    name: infos.get(info.name)?.toString(),
    description: infos.get(info.description)?.toString(),
  };
};

/** The client's side of the newstyle-fixed handshake, option by option. */
export class NbdHandshake {
  readonly stream: ByteStream;
  readonly address: string;

  private constructor(stream: ByteStream, address: string) {
    this.stream = stream;
    this.address = address;
  }

  /** Connects and greets: `peer-lost`, `nbd-protocol-broken`. The connection is gone when this rejects. */
  static async connect(
    target: NbdTarget,
    { signal, flags = CLIENT_FLAGS }: { readonly signal?: AbortSignal; readonly flags?: number } = {},
  ): Promise<NbdHandshake> {
    const { connection, address } = nbdPlace(target);
    const stream = await ByteStream.connect(connection, address, signal);
    const abort = () => stream.socket.destroy();
    signal?.addEventListener("abort", abort);
    try {
      const handshake = new NbdHandshake(stream, address);
      const greeting = await stream.read(18);
      if (greeting.toString("latin1", 0, 8) !== "NBDMAGIC" || greeting.readBigUInt64BE(8) !== OPTION_MAGIC)
        handshake.#broken("no newstyle greeting");
      stream.socket.write(u32(flags));
      return handshake;
    } catch (cause) {
      stream.socket.destroy();
      throw cause;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  /** Resolves when the connection has ended, however it did. */
  get closed(): Promise<void> {
    return this.stream.closed;
  }

  /** Sends an option, also one that the protocol doesn't know; all replies, up to its acknowledgement or error. */
  async ask(code: number, data: Uint8Array = Buffer.alloc(0)): Promise<readonly NbdOptionReply[]> {
    this.send(code, data);
    const replies: NbdOptionReply[] = [];
    for (;;) {
      const answer = await this.stream.read(20);
      const type = answer.readUInt32BE(12);
      const length = answer.readUInt32BE(16);
      if (
        answer.readBigUInt64BE(0) !== REPLY_MAGIC ||
        answer.readUInt32BE(8) !== code ||
        length > MAX_REPLY_BYTES
      )
        this.#broken("an option reply that fits no option");
      replies.push({ type, data: await this.stream.read(length) });
      if (type === reply.ack || type >= reply.error) return replies;
    }
  }

  /** Sends an option and waits for nothing. */
  send(code: number, data: Uint8Array = Buffer.alloc(0)): void {
    const head = Buffer.alloc(16);
    head.writeBigUInt64BE(OPTION_MAGIC, 0);
    head.writeUInt32BE(code, 8);
    head.writeUInt32BE(data.length, 12);
    this.stream.socket.write(Buffer.concat([head, data]));
  }

  /** The names of the exports. */
  async list(): Promise<readonly string[]> {
    const replies = await this.ask(option.list);
    return replies
      .filter(({ type }) => type === reply.server)
      .map(({ data }) => data.toString("utf8", 4, 4 + data.readUInt32BE(0)));
  }

  /** What the server says of an export without choosing it; `export-not-found`. */
  info(name: string): Promise<NbdExportFacts> {
    return this.#describe(option.info, name);
  }

  /** Agrees on what is wished for as far as the server has it, and chooses the export; `export-not-found`. */
  async choose(name: string, wishes: NbdWishes = {}): Promise<Agreement> {
    const form = await this.#chooseForm(wishes.form ?? "structured");
    const contexts = await this.chooseContexts(
      name,
      form === "simple" ? [] : (wishes.contexts ?? ["base:allocation"]),
    );
    return { ...(await this.#describe(option.go, name)), form, contexts };
  }

  /** The contexts that the server granted, and their ids. */
  async chooseContexts(name: string, contexts: readonly string[]): Promise<ReadonlyMap<string, number>> {
    if (contexts.length === 0) return new Map();
    const query = Buffer.concat([text(name), u32(contexts.length), ...contexts.map(text)]);
    const replies = await this.ask(option.setMetaContext, query);
    return new Map(
      replies
        .filter(({ type }) => type === reply.metaContext)
        .map(({ data }) => [data.toString("utf8", 4), data.readUInt32BE(0)]),
    );
  }

  /** Vanishes without a word. */
  destroy(): void {
    this.stream.socket.destroy();
  }

  async #chooseForm(wanted: NbdForm): Promise<NbdForm> {
    if (wanted === "extended" && (await this.#agrees(option.extendedHeaders))) return "extended";
    if (wanted !== "simple" && (await this.#agrees(option.structuredReply))) return "structured";
    return "simple";
  }

  async #agrees(code: number): Promise<boolean> {
    return (await this.ask(code)).at(-1)?.type === reply.ack;
  }

  async #describe(code: number, name: string): Promise<NbdExportFacts> {
    const replies = await this.ask(code, infoQuery(name));
    const last = replies.at(-1)?.type;
    if (last === reply.unknown) throw new CodedError("export-not-found", { name });
    if (last !== reply.ack) this.#broken(`it answered option ${code} with ${last}`);
    return factsOf(replies) ?? this.#broken("no export information");
  }

  #broken(problem: string): never {
    throw new CodedError("nbd-protocol-broken", { address: this.address, problem });
  }
}
