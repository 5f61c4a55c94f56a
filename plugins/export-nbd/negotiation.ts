import type { ExportEntry } from "pagurus";
import { MAX_OPTION_BYTES } from "./limits.ts";
import { parseContextQuery, parseInfoQuery } from "./option-data.ts";
import {
  contextReply,
  exportNameReply,
  greeting,
  infoReplies,
  optionReply,
  serverReply,
} from "./option-replies.ts";
import {
  ALLOCATION_CONTEXT,
  ALLOCATION_CONTEXT_ID,
  HandshakeFlag,
  OPTION_MAGIC,
  Option,
  OptionReply,
} from "./protocol.ts";
import type { Negotiated } from "./request.ts";

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

/**
 * The newstyle-fixed handshake: bytes in, bytes out, and in the end an export. Pure: it neither reads nor writes,
 * and `exports` is asked anew for every option.
 */
export class Negotiation {
  readonly #exports: () => readonly ExportEntry[];
  readonly #send: (bytes: Buffer) => void;
  #unread: Buffer = Buffer.alloc(0);
  #skipBytes = 0;
  #clientFlags: number | undefined;
  #structured = false;
  /** The export for which `base:allocation` was chosen. */
  #allocationOf: string | undefined;

  constructor(exports: () => readonly ExportEntry[], send: (bytes: Buffer) => void) {
    this.#exports = exports;
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
    this.#take(OPTION_HEAD_BYTES);
    const here = Math.min(length, this.#unread.length);
    this.#take(here);
    this.#skipBytes = length - here;
    return this.#reply(option, OptionReply.tooBig);
  }

  #answer(option: number, data: Buffer): Outcome {
    const fixed = ((this.#clientFlags ?? 0) & HandshakeFlag.fixedNewstyle) !== 0;
    if (!fixed && option !== Option.exportName) return drop("an option that needs the fixed handshake");
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
        if (data.length > 0) return this.#reply(option, OptionReply.invalid);
        this.#structured = true;
        return this.#reply(option, OptionReply.ack);
      case Option.listMetaContext:
      case Option.setMetaContext:
        return this.#metaContext(option, data);
      default:
        return this.#reply(option, OptionReply.unsupported);
    }
  }

  #exportName(name: string): Outcome {
    const entry = this.#find(name);
    if (entry === undefined) return drop("an export that does not exist");
    const zeroes = ((this.#clientFlags ?? 0) & HandshakeFlag.noZeroes) === 0;
    this.#send(exportNameReply(entry, this.#structured, zeroes));
    return this.#chosen(entry);
  }

  #list(data: Buffer): Outcome {
    if (data.length > 0) return this.#reply(Option.list, OptionReply.invalid);
    for (const entry of this.#exports()) this.#send(serverReply(Option.list, entry));
    return this.#reply(Option.list, OptionReply.ack);
  }

  #info(option: number, data: Buffer): Outcome {
    const query = parseInfoQuery(data);
    if (query === undefined) return this.#reply(option, OptionReply.invalid);
    const entry = this.#find(query.name);
    if (entry === undefined) return this.#reply(option, OptionReply.unknown);
    for (const reply of infoReplies(option, entry, this.#structured, query.infos)) this.#send(reply);
    this.#reply(option, OptionReply.ack);
    return option === Option.go ? this.#chosen(entry) : more;
  }

  /** Without queries LIST names all contexts and SET chooses none; LIST takes a namespace for all in it. */
  #metaContext(option: number, data: Buffer): Outcome {
    const setting = option === Option.setMetaContext;
    if (setting) this.#allocationOf = undefined;
    const query = parseContextQuery(data);
    if (query === undefined || !this.#structured) return this.#reply(option, OptionReply.invalid);
    const entry = this.#find(query.name);
    if (entry === undefined) return this.#reply(option, OptionReply.unknown);
    const wanted = setting ? [ALLOCATION_CONTEXT] : [ALLOCATION_CONTEXT, "base:"];
    if ((!setting && query.queries.length === 0) || query.queries.some((text) => wanted.includes(text))) {
      if (setting) this.#allocationOf = entry.disk;
      this.#send(contextReply(option, setting ? ALLOCATION_CONTEXT_ID : 0));
    }
    return this.#reply(option, OptionReply.ack);
  }

  #chosen(entry: ExportEntry): Outcome {
    const negotiated = { structured: this.#structured, allocation: this.#allocationOf === entry.disk };
    return { state: "chosen", entry, negotiated, rest: this.#unread };
  }

  /** The empty name stands for the only export, where there is only one. */
  #find(name: string): ExportEntry | undefined {
    const entries = this.#exports();
    if (name === "") return entries.length === 1 ? entries[0] : undefined;
    return entries.find((entry) => entry.name === name);
  }

  #reply(option: number, type: number): Outcome {
    this.#send(optionReply(option, type));
    return more;
  }

  #take(bytes: number): Buffer {
    const taken = this.#unread.subarray(0, bytes);
    this.#unread = this.#unread.subarray(bytes);
    return taken;
  }
}
