/** What a client sends, whole. */
export interface Message {
  readonly kind: "option" | "request" | "garbage" | "flags";
  readonly bytes: Buffer;
  /** It chooses a disk: the next thing is a request. */
  readonly chooses: boolean;
}

/** A request's fields that faults look at. */
export interface Head {
  readonly flags: number;
  readonly command: number;
  readonly handle: Buffer;
  readonly offset: number;
  readonly length: number;
}

const clientFlagsBytes = 4;
const option = { magic: "IHAVEOPT", headBytes: 16, exportName: 1, go: 7 } as const;
const request = { magic: 0x25609513, headBytes: 28, write: 1 } as const;
const simpleReply = { magic: 0x67446698, bytes: 16 } as const;

export const headOf = (bytes: Buffer): Head => ({
  flags: bytes.readUInt16BE(4),
  command: bytes.readUInt16BE(6),
  handle: bytes.subarray(8, 16),
  offset: Number(bytes.readBigUInt64BE(16)),
  length: bytes.readUInt32BE(24),
});

/** The answer to a request that is done and brings no bytes. */
export const doneReply = ({ handle }: Head): Buffer => {
  const bytes = Buffer.alloc(simpleReply.bytes);
  bytes.writeUInt32BE(simpleReply.magic, 0);
  handle.copy(bytes, 8);
  return bytes;
};

/** Cuts what a client sends into messages, in the compact form. */
export class MessageCutter {
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  /** Bytes that what has begun to arrive needs to be whole. */
  #wanted = 0;
  #greeted = false;

  /** What has come of a message that is not whole yet. */
  get rest(): Buffer {
    return this.#joined();
  }

  *cut(chunk: Buffer): Iterable<Message> {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    while (this.#bytes > 0 && this.#bytes >= this.#wanted) {
      const unread = this.#joined();
      const kind = this.#kindOf(unread);
      this.#wanted = lengthOf(kind, unread);
      if (this.#bytes < this.#wanted) return;
      const bytes = unread.subarray(0, this.#wanted);
      this.#chunks.splice(0, this.#chunks.length, unread.subarray(this.#wanted));
      this.#bytes -= this.#wanted;
      this.#wanted = 0;
      this.#greeted = true;
      yield { kind, bytes, chooses: kind === "option" && chooses(bytes) };
    }
  }

  #joined(): Buffer {
    const [only] = this.#chunks;
    if (only && this.#chunks.length === 1) return only;
    const joined = Buffer.concat(this.#chunks);
    this.#chunks.splice(0, this.#chunks.length, joined);
    return joined;
  }

  #kindOf(unread: Buffer): Message["kind"] {
    if (!this.#greeted) return "flags";
    if (unread.length < 8) return "option";
    if (unread.toString("latin1", 0, 8) === option.magic) return "option";
    return unread.readUInt32BE(0) === request.magic ? "request" : "garbage";
  }
}

const chooses = (bytes: Buffer): boolean =>
  [option.go, option.exportName].some((code) => code === bytes.readUInt32BE(8));

/** How long the message is that begins so; as much as is needed to tell where that isn't there yet. */
const lengthOf = (kind: Message["kind"], unread: Buffer): number => {
  if (kind === "flags") return clientFlagsBytes;
  if (kind === "garbage") return unread.length;
  const headBytes = kind === "option" ? option.headBytes : request.headBytes;
  if (unread.length < headBytes) return headBytes;
  if (kind === "option") return headBytes + unread.readUInt32BE(12);
  const { command, length } = headOf(unread);
  return headBytes + (command === request.write ? length : 0);
};
