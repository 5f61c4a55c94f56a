import type { ExportEntry } from "pagurus";
import { MAX_OPTION_BYTES } from "./limits.ts";
import { chosenContexts, listedContexts } from "./meta-contexts.ts";
import type { MessageForm, Negotiated } from "./negotiated.ts";
import { parseContextQuery, parseInfoQuery } from "./option-data.ts";
import {
  contextReply,
  exportNameReply,
  greeting,
  infoReplies,
  optionReply,
  serverReply,
} from "./option-replies.ts";
import { HandshakeFlag, OPTION_MAGIC, Option, OptionReply } from "./protocol.ts";

/** Where a handshake stands: it goes on, it chose an export, or the connection is to be dropped. */
export type Outcome =
  | { readonly state: "more" }
  | {
      readonly state: "chosen";
      readonly entry: ExportEntry;
      readonly negotiated: Negotiated;
      readonly rest: Buffer;
    }
  | { readonly state: "drop"; readonly reason: string };

const more: Outcome = { state: "more" };
const drop = (reason: string): Outcome => ({ state: "drop", reason });

const SERVER_FLAGS = HandshakeFlag.fixedNewstyle | HandshakeFlag.noZeroes;
const CLIENT_FLAG_BYTES = 4;
const OPTION_HEAD_BYTES = 16;

/** What is offered to clients. */
export interface Offer {
  /** Asked anew for every option. */
  readonly exports: () => readonly ExportEntry[];
  readonly readOnly: boolean;
}

/** The newstyle-fixed handshake: bytes in, bytes out, and in the end an export. Pure: it neither reads nor writes. */
export class Negotiation {
  readonly #offer: Offer;
  readonly #send: (bytes: Buffer) => void;
  #unread: Buffer = Buffer.alloc(0);
  #skipBytes = 0;
  #clientFlags: number | undefined;
  #form: MessageForm = "simple";
  /** The metadata contexts chosen, as a set, and the disk that they were chosen for. */
  #chosen = { contexts: 0, disk: "" };
  #shutDown = false;

  constructor(offer: Offer, send: (bytes: Buffer) => void) {
    this.#offer = offer;
    this.#send = send;
    send(greeting(SERVER_FLAGS));
  }

  /** Takes what the client sent. After any outcome but `more` it must not be called again. */
  feed(bytes: Buffer): Outcome {
    const skipped = Math.min(this.#skipBytes, bytes.length);
    this.#skipBytes -= skipped;
    this.#unread = Buffer.concat([this.#unread, bytes.subarray(skipped)]);
    for (;;) {
      const outcome = this.#clientFlags === undefined ? this.#readFlags() : this.#readOption();
      if (outcome === undefined) return more;
      if (outcome.state !== "more") return outcome;
    }
  }

  /** The next option is refused: the server is about to end. */
  shutDown(): void {
    this.#shutDown = true;
  }

  #readFlags(): Outcome | undefined {
    if (this.#unread.length < CLIENT_FLAG_BYTES) return undefined;
    this.#clientFlags = this.#take(CLIENT_FLAG_BYTES).readUInt32BE(0);
    return (this.#clientFlags & ~SERVER_FLAGS) === 0 ? more : drop("unknown client flags");
  }

  #readOption(): Outcome | undefined {
    if (this.#unread.length < OPTION_HEAD_BYTES) return undefined;
    if (this.#unread.toString("latin1", 0, 8) !== OPTION_MAGIC) return drop("no option magic");
    const option = this.#unread.readUInt32BE(8);
    const length = this.#unread.readUInt32BE(12);
    if (length > MAX_OPTION_BYTES) return this.#refuseTooBig(option, length);
    if (this.#unread.length < OPTION_HEAD_BYTES + length) return undefined;
    this.#take(OPTION_HEAD_BYTES);
    return this.#answer(option, this.#take(length));
  }

  #refuseTooBig(option: number, length: number): Outcome {
    if (option === Option.exportName) return drop("an export name that is too long");
    if (option === Option.setMetaContext) this.#chosen = { contexts: 0, disk: "" };
    this.#take(OPTION_HEAD_BYTES);
    const here = Math.min(length, this.#unread.length);
    this.#take(here);
    this.#skipBytes = length - here;
    return this.#reply(option, OptionReply.tooBig, `an option has at most ${MAX_OPTION_BYTES} bytes`);
  }

  #answer(option: number, data: Buffer): Outcome {
    const fixed = ((this.#clientFlags ?? 0) & HandshakeFlag.fixedNewstyle) !== 0;
    if (!fixed && option !== Option.exportName) return drop("an option that needs the fixed handshake");
    if (this.#shutDown && option !== Option.abort) return this.#refuseForShutdown(option);
    switch (option) {
      case Option.exportName:
        return this.#exportName(data.toString("utf8"));
      case Option.abort:
        this.#reply(option, OptionReply.ack);
        return drop("the client aborted");
      case Option.list:
        return this.#list(data);
      case Option.info:
      case Option.go:
        return this.#info(option, data);
      case Option.structuredReply:
      case Option.extendedHeaders:
        return this.#changeForm(option, data);
      case Option.listMetaContext:
      case Option.setMetaContext:
        return this.#metaContext(option, data);
      case Option.startTls:
        return this.#reply(option, OptionReply.unsupported, "this server has no TLS");
      default:
        return this.#reply(option, OptionReply.unsupported, `option ${option} is unknown here`);
    }
  }

  #refuseForShutdown(option: number): Outcome {
    if (option !== Option.exportName) this.#reply(option, OptionReply.shutdown, "the server is about to end");
    return drop("the server is about to end");
  }

  #exportName(name: string): Outcome {
    if (this.#form === "extended") return drop("EXPORT_NAME after extended headers");
    const entry = this.#find(name);
    if (entry === undefined) return drop("an export that does not exist");
    const zeroes = ((this.#clientFlags ?? 0) & HandshakeFlag.noZeroes) === 0;
    this.#send(exportNameReply(entry, this.#negotiated(entry), zeroes));
    return this.#choose(entry);
  }

  #list(data: Buffer): Outcome {
    const { exports, readOnly } = this.#offer;
    if (data.length > 0) return this.#reply(Option.list, OptionReply.invalid, "LIST has no data");
    for (const entry of exports()) this.#send(serverReply(Option.list, entry, readOnly));
    return this.#reply(Option.list, OptionReply.ack);
  }

  #info(option: number, data: Buffer): Outcome {
    const query = parseInfoQuery(data);
    if (query === undefined) return this.#reply(option, OptionReply.invalid, "malformed data");
    const entry = this.#find(query.name);
    if (entry === undefined) return this.#unknown(option);
    for (const reply of infoReplies(option, entry, this.#negotiated(entry), query.infos)) this.#send(reply);
    this.#reply(option, OptionReply.ack);
    return option === Option.go ? this.#choose(entry) : more;
  }

  /** Extended headers stay once they are agreed on. */
  #changeForm(option: number, data: Buffer): Outcome {
    if (data.length > 0) return this.#reply(option, OptionReply.invalid, "this option has no data");
    if (option === Option.extendedHeaders) this.#form = "extended";
    else if (this.#form === "extended")
      return this.#reply(option, OptionReply.extendedHeadersRequired, "extended headers are agreed on");
    else this.#form = "structured";
    return this.#reply(option, OptionReply.ack);
  }

  #metaContext(option: number, data: Buffer): Outcome {
    const setting = option === Option.setMetaContext;
    if (setting) this.#chosen = { contexts: 0, disk: "" };
    if (this.#form === "simple")
      return this.#reply(option, OptionReply.invalid, "ask for structured replies or extended headers first");
    const query = parseContextQuery(data);
    if (query === undefined) return this.#reply(option, OptionReply.invalid, "malformed data");
    const entry = this.#find(query.name);
    if (entry === undefined) return this.#unknown(option);
    const contexts = setting ? chosenContexts(query.queries) : listedContexts(query.queries);
    for (const context of contexts) this.#send(contextReply(option, context));
    if (setting) this.#chosen = { contexts: contexts.reduce((set, { id }) => set | id, 0), disk: entry.disk };
    return this.#reply(option, OptionReply.ack);
  }

  #unknown(option: number): Outcome {
    return this.#reply(option, OptionReply.unknown, "there is no disk of that name");
  }

  /** Contexts that were chosen for one export are worth nothing for another. */
  #negotiated({ disk, sizeBytes }: ExportEntry): Negotiated {
    const contexts = this.#chosen.disk === disk ? this.#chosen.contexts : 0;
    return { form: this.#form, sizeBytes, contexts, readOnly: this.#offer.readOnly };
  }

  #choose(entry: ExportEntry): Outcome {
    return { state: "chosen", entry, negotiated: this.#negotiated(entry), rest: this.#unread };
  }

  /** The empty name stands for the only export, where there is only one. */
  #find(name: string): ExportEntry | undefined {
    const entries = this.#offer.exports();
    if (name === "") return entries.length === 1 ? entries[0] : undefined;
    return entries.find((entry) => entry.name === name);
  }

  #reply(option: number, type: number, message?: string): Outcome {
    this.#send(optionReply(option, type, message));
    return more;
  }

  #take(bytes: number): Buffer {
    const taken = this.#unread.subarray(0, bytes);
    this.#unread = this.#unread.subarray(bytes);
    return taken;
  }
}
