import { CodedError } from "pagurus";
import {
  type NbdChunk,
  NbdClient,
  type NbdForm,
  NbdHandshake,
  type NbdOptionReply,
  type NbdRequestHead,
} from "pagurus/testing";
import type { Lab, LabPart } from "../world.ts";
import { nameOf, optionReplies, options } from "./nbd-numbers.ts";

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const text = (value: string): Buffer => Buffer.concat([u32(Buffer.byteLength(value)), Buffer.from(value)]);

/** Each byte of what clients write. */
export const FILLING = 0x77;

/** The data of INFO and GO, asking for all that there is. */
export const infoQuery = (disk: string): Buffer =>
  Buffer.concat([text(disk), Buffer.from([0, 3, 0, 1, 0, 2, 0, 3])]);

/** The data of LIST_META_CONTEXT and SET_META_CONTEXT. */
export const contextQuery = (disk: string, contexts: readonly string[]): Buffer =>
  Buffer.concat([text(disk), u32(contexts.length), ...contexts.map(text)]);

/** `A, B and C`. */
const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;

/** What a scenario says in the NBD protocol's own words, and what it is answered. */
export class NbdTalk implements LabPart {
  readonly #lab: Lab;
  readonly #clients: NbdClient[] = [];
  #handshake: NbdHandshake | undefined;
  /** The answers to the option sent last; none where the server hung up instead. */
  replies: readonly NbdOptionReply[] = [];
  /** What the disk must hold. */
  bytes: Buffer = Buffer.alloc(0);
  /** The names of the flags that an earlier client was told. */
  flags: readonly string[] = [];
  /** A write that was not waited for. */
  writing: Promise<void> | undefined;
  /** A request of a closing disk that was not waited for. */
  late: Promise<void> | undefined;
  /** Resolves when the server that is being stopped has. */
  stopped: Promise<void> | undefined;
  /** To an option the names of its replies; to a request `done`, an error's name, or `hung up on`. */
  answer = "";
  chunks: readonly NbdChunk[] = [];
  /** The type of the chunk that refused the request; `undefined` in simple messages, and where nothing was refused. */
  refusedBy: number | undefined;

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  get handshake(): NbdHandshake {
    if (!this.#handshake) throw new Error("no client is in its handshake");
    return this.#handshake;
  }

  /** The client that connected last. */
  get client(): NbdClient {
    const client = this.#clients.at(-1);
    if (!client) throw new Error("no client has connected");
    return client;
  }

  /** Where a disk is served: at the scheme, in the export with sockets of this ending. */
  async uriOf(disk: string, { scheme = "nbd+unix:", ending = ".sock" } = {}): Promise<string> {
    await this.#lab.uriOf(disk);
    const { exports } = await this.#lab.showDisk(disk);
    const fits = ({ uri }: { uri: string }) =>
      uri.startsWith(scheme) && (scheme !== "nbd+unix:" || uri.endsWith(ending));
    const uris = exports.filter(fits).sort((a, b) => a.uri.length - b.uri.length);
    if (!uris[0]) throw new Error(`${disk} is not served there: ${exports.map(({ uri }) => uri).join()}`);
    return uris[0].uri;
  }

  async begin(uri: string, flags?: number): Promise<void> {
    this.#handshake = await NbdHandshake.connect(uri, flags === undefined ? {} : { flags });
  }

  async ask(option: number, data?: Uint8Array): Promise<void> {
    try {
      this.replies = await this.handshake.ask(option, data);
    } catch (error) {
      if (!CodedError.is(error, "peer-lost")) throw error;
      this.replies = [];
    }
    this.answer = listed(this.replies.map(({ type }) => nameOf(optionReplies, type)));
    if (option === options["GO"] && this.answer.endsWith("ACK")) this.goOn("simple");
  }

  /** The export is chosen: the client of the handshake makes requests. */
  goOn(form: NbdForm): void {
    const blockSizes = { minimum: 512, preferred: 4096, maximum: 32 * 1024 * 1024 };
    const facts = { sizeBytes: 0, flags: 0, blockSizes, name: undefined, description: undefined };
    this.#clients.push(NbdClient.after(this.handshake, { ...facts, form, contexts: new Map() }));
  }

  async connect(uri: string, form: NbdForm, contexts?: readonly string[]): Promise<NbdClient> {
    const client = await NbdClient.connect(uri, { form, ...(contexts && { contexts }) });
    this.#clients.push(client);
    return client;
  }

  /** By a client of its own, which then goes. */
  async write(disk: string, offset: number, bytes: Uint8Array): Promise<void> {
    const client = await NbdClient.connect(await this.uriOf(disk));
    await client.write(offset, bytes);
    await client.disconnect();
  }

  /** Sends a request and waits for its end. */
  async request(head: NbdRequestHead, payload?: Uint8Array): Promise<void> {
    this.chunks = [];
    this.refusedBy = undefined;
    this.answer = await this.client.ask(head, payload).then(
      (chunks) => {
        this.chunks = chunks;
        return "done";
      },
      (error: unknown) => {
        if (CodedError.is(error, "peer-lost")) return "hung up on";
        if (!CodedError.is(error, "nbd-error")) throw error;
        const { errno, chunkType } = error.data;
        this.refusedBy = chunkType === undefined ? undefined : Number(chunkType);
        return String(errno);
      },
    );
  }

  async end(): Promise<void> {
    this.#handshake?.destroy();
    for (const client of this.#clients) client.destroy();
  }
}
