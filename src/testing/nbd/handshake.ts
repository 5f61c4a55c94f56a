import { type BlockSizes, CodedError } from "../../contract/index.ts";
import type { ByteStream } from "./byte-stream.ts";

const OPTION_MAGIC = 0x49484156454f5054n;
const REPLY_MAGIC = 0x3e889045565a9n;
const CLIENT_FLAGS = 3;
const option = { list: 3, go: 7, structuredReply: 8, setMetaContext: 10 } as const;
const reply = {
  ack: 1,
  server: 2,
  info: 3,
  metaContext: 4,
  error: 0x8000_0000,
  unknown: 0x8000_0006,
} as const;
const info = { export: 0, blockSize: 3 } as const;
const MAX_REPLY_BYTES = 1024 * 1024;
const ALLOCATION = "base:allocation";

/** What client and server agreed upon. */
export interface Agreement {
  readonly sizeBytes: number;
  /** The transmission flags, as they are in the protocol. */
  readonly flags: number;
  readonly blockSizes: BlockSizes;
  readonly structured: boolean;
  /** The server's id of the context `base:allocation`, where it has it. */
  readonly allocationId: number | undefined;
}

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const text = (value: string): Buffer => Buffer.concat([u32(Buffer.byteLength(value)), Buffer.from(value)]);

interface Reply {
  readonly type: number;
  readonly data: Buffer;
}

/** The client's side of the newstyle-fixed handshake. */
export class ClientHandshake {
  readonly #stream: ByteStream;
  readonly #address: string;

  constructor(stream: ByteStream, address: string) {
    this.#stream = stream;
    this.#address = address;
  }

  async greet(): Promise<void> {
    const greeting = await this.#stream.read(18);
    if (greeting.toString("latin1", 0, 8) !== "NBDMAGIC" || greeting.readBigUInt64BE(8) !== OPTION_MAGIC)
      this.#broken("no newstyle greeting");
    this.#stream.socket.write(u32(CLIENT_FLAGS));
  }

  async list(): Promise<readonly string[]> {
    const { replies } = await this.#ask(option.list, Buffer.alloc(0));
    return replies
      .filter(({ type }) => type === reply.server)
      .map(({ data }) => data.toString("utf8", 4, 4 + data.readUInt32BE(0)));
  }

  /** Chooses the export; `export-not-found`. */
  async choose(name: string, wantStructured: boolean): Promise<Agreement> {
    const structured =
      wantStructured && (await this.#ask(option.structuredReply, Buffer.alloc(0))).last === reply.ack;
    const allocationId = structured ? await this.#chooseAllocation(name) : undefined;
    const asked = Buffer.from([0, 1, 0, info.blockSize]);
    const { replies, last } = await this.#ask(option.go, Buffer.concat([text(name), asked]));
    if (last === reply.unknown) throw new CodedError("export-not-found", { name });
    if (last !== reply.ack) this.#broken(`it answered GO with ${last}`);
    const infos = replies.filter(({ type }) => type === reply.info).map(({ data }) => data);
    const found = infos.find((data) => data.readUInt16BE(0) === info.export);
    if (found === undefined) return this.#broken("no export information");
    const sizes = infos.find((data) => data.readUInt16BE(0) === info.blockSize);
    return {
      sizeBytes: Number(found.readBigUInt64BE(2)),
      flags: found.readUInt16BE(10),
      blockSizes: {
        minimum: sizes?.readUInt32BE(2) ?? 1,
        preferred: sizes?.readUInt32BE(6) ?? 4096,
        maximum: sizes?.readUInt32BE(10) ?? 32 * 1024 * 1024,
      },
      structured,
      allocationId,
    };
  }

  async #chooseAllocation(name: string): Promise<number | undefined> {
    const query = Buffer.concat([text(name), u32(1), text(ALLOCATION)]);
    const { replies } = await this.#ask(option.setMetaContext, query);
    return replies.find(({ type }) => type === reply.metaContext)?.data.readUInt32BE(0);
  }

  /** All replies to one option, up to its acknowledgement or error. */
  async #ask(
    code: number,
    data: Buffer,
  ): Promise<{ readonly replies: readonly Reply[]; readonly last: number }> {
    const head = Buffer.alloc(16);
    head.writeBigUInt64BE(OPTION_MAGIC, 0);
    head.writeUInt32BE(code, 8);
    head.writeUInt32BE(data.length, 12);
    this.#stream.socket.write(Buffer.concat([head, data]));
    const replies: Reply[] = [];
    for (;;) {
      const answer = await this.#stream.read(20);
      const type = answer.readUInt32BE(12);
      const length = answer.readUInt32BE(16);
      if (
        answer.readBigUInt64BE(0) !== REPLY_MAGIC ||
        answer.readUInt32BE(8) !== code ||
        length > MAX_REPLY_BYTES
      )
        this.#broken("an option reply that fits no option");
      replies.push({ type, data: await this.#stream.read(length) });
      if (type === reply.ack || type >= reply.error) return { replies, last: type };
    }
  }

  #broken(problem: string): never {
    throw new CodedError("nbd-protocol-broken", { address: this.#address, problem });
  }
}
