import fc from "fast-check";
import type { ExportEntry } from "pagurus";
import { describe, expect, it } from "vitest";
import { MAX_OPTION_BYTES } from "./limits.ts";
import { Context } from "./meta-contexts.ts";
import { Negotiation, type Outcome } from "./negotiation.ts";
import { Option, OptionReply, TransmissionFlag } from "./protocol.ts";

const blockSizes = { minimum: 512, preferred: 4096, maximum: 1 << 25 };
const web: ExportEntry = { disk: "d1", name: "web", sizeBytes: 2 ** 40, blockSizes };
const db: ExportEntry = { disk: "d2", name: "db", sizeBytes: 4096, blockSizes };

const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const text = (value: string): Buffer => Buffer.concat([u32(value.length), Buffer.from(value)]);
const option = (code: number, data: Uint8Array = new Uint8Array(0)): Buffer =>
  Buffer.concat([Buffer.from("IHAVEOPT"), u32(code), u32(data.length), data]);
const go = (name: string): Buffer => option(Option.go, Buffer.concat([text(name), u16(1), u16(3)]));
const contexts = (code: number, name: string, ...queries: string[]): Buffer =>
  option(code, Buffer.concat([text(name), u32(queries.length), ...queries.map(text)]));
const flags = u32(3);

/** Feeds parts; answers the outcome and, past the greeting, what was sent. */
const negotiate = (
  parts: readonly Buffer[],
  entries: readonly ExportEntry[] = [web, db],
  readOnly = false,
) => {
  const sent: Buffer[] = [];
  const offer = { exports: () => entries, readOnly };
  const negotiation = new Negotiation(offer, (bytes) => sent.push(bytes));
  let outcome: Outcome = { state: "more" };
  for (const part of parts) if (outcome.state === "more") outcome = negotiation.feed(part);
  return { outcome, sent: Buffer.concat(sent).subarray(18) };
};

/** Cuts option replies: their option, type and data. */
const repliesOf = (sent: Buffer): { option: number; type: number; data: Buffer }[] => {
  const replies: { option: number; type: number; data: Buffer }[] = [];
  for (let at = 0; at < sent.length; ) {
    const length = sent.readUInt32BE(at + 16);
    expect(sent.readBigUInt64BE(at)).toBe(0x3e889045565a9n);
    const data = sent.subarray(at + 20, at + 20 + length);
    replies.push({ option: sent.readUInt32BE(at + 8), type: sent.readUInt32BE(at + 12), data });
    at += 20 + length;
  }
  return replies;
};
const typesOf = (parts: readonly Buffer[], entries?: readonly ExportEntry[]): number[] =>
  repliesOf(negotiate(parts, entries).sent).map(({ type }) => type);

describe("the handshake", () => {
  it("names all exports, and describes one with its block sizes before it is chosen", () => {
    const { outcome, sent } = negotiate([flags, option(Option.list), go("db")]);
    const replies = repliesOf(sent);
    expect(replies.map(({ type }) => type)).toEqual([2, 2, 1, 3, 3, 1]);
    const named = replies.slice(0, 2).map(({ data }) => {
      const end = 4 + data.readUInt32BE(0);
      return [data.toString("utf8", 4, end), data.toString("utf8", end)];
    });
    expect(named).toEqual([
      ["web", "Pagurus disk d1"],
      ["db", "Pagurus disk d2"],
    ]);
    expect(replies[3]?.data.readBigUInt64BE(2)).toBe(4096n);
    const sizes = replies[4]?.data ?? Buffer.alloc(0);
    expect([2, 6, 10].map((at) => sizes.readUInt32BE(at))).toEqual([512, 4096, 1 << 25]);
    expect(outcome).toMatchObject({ state: "chosen", entry: db });
  });

  it("comes to the same end however its bytes are cut, and keeps what follows it", () => {
    const bytes = Buffer.concat([
      flags,
      option(99),
      option(Option.structuredReply),
      contexts(Option.setMetaContext, "web", "base:allocation"),
      option(Option.info, Buffer.concat([text("web"), u16(0)])),
      go("web"),
      Buffer.from("what follows"),
    ]);
    const whole = negotiate([bytes]);
    expect(whole.outcome).toMatchObject({
      state: "chosen",
      entry: web,
      negotiated: {
        form: "structured",
        sizeBytes: web.sizeBytes,
        contexts: Context.allocation,
        readOnly: false,
      },
      rest: Buffer.from("what follows"),
    });
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length - 13), { maxLength: 20 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const parts = at.slice(1).map((to, n) => bytes.subarray(at[n], to));
        expect(negotiate(parts)).toEqual(whole);
      }),
    );
  });

  it("serves the old way of choosing, with and without the zeroes behind it", () => {
    const chosen = option(Option.exportName, Buffer.from("web"));
    expect(negotiate([u32(1), chosen]).sent).toHaveLength(134);
    expect(negotiate([u32(3), chosen]).sent).toHaveLength(10);
    expect(negotiate([u32(0), chosen]).outcome).toMatchObject({ state: "chosen", entry: web });
    expect(negotiate([u32(3), option(Option.exportName, Buffer.from("x"))]).outcome.state).toBe("drop");
  });

  it("takes the empty name for the only export", () => {
    expect(negotiate([flags, go("")], [web]).outcome).toMatchObject({ state: "chosen", entry: web });
    expect(typesOf([flags, go("")])).toEqual([OptionReply.unknown]);
    expect(typesOf([flags, go("")], [])).toEqual([OptionReply.unknown]);
  });

  it("answers contexts only as they were asked for", () => {
    const { listMetaContext, setMetaContext } = Option;
    expect(typesOf([flags, contexts(setMetaContext, "web", "base:allocation")])).toEqual([
      OptionReply.invalid,
    ]);
    const ask = (...parts: Buffer[]) => typesOf([flags, option(Option.structuredReply), ...parts]).slice(1);
    expect(ask(contexts(listMetaContext, "web"))).toEqual([4, 4, 1]);
    expect(ask(contexts(listMetaContext, "web", "base:"))).toEqual([4, 1]);
    expect(ask(contexts(listMetaContext, "web", "pagurus:", "base:allocation"))).toEqual([4, 4, 1]);
    expect(ask(contexts(listMetaContext, "web", "qemu:"))).toEqual([1]);
    expect(ask(contexts(setMetaContext, "web"))).toEqual([1]);
    expect(ask(contexts(setMetaContext, "nope", "base:allocation"))).toEqual([OptionReply.unknown]);
  });

  it("honours a context only for the export it was chosen for, and only the last choice", () => {
    const chosenFor = (...parts: Buffer[]) =>
      negotiate([flags, option(Option.structuredReply), ...parts, go("web")]).outcome;
    const set = (name: string, ...queries: string[]) => contexts(Option.setMetaContext, name, ...queries);
    const granted = (...ids: number[]) => ({
      negotiated: { contexts: ids.reduce((all, id) => all | id, 0) },
    });
    expect(chosenFor(set("web", "base:allocation"))).toMatchObject(granted(Context.allocation));
    expect(chosenFor(set("web", "pagurus:dirty", "no:such", "base:allocation"))).toMatchObject(
      granted(Context.allocation, Context.dirty),
    );
    expect(chosenFor(set("web", "base:"))).toMatchObject(granted());
    expect(chosenFor(set("db", "base:allocation"))).toMatchObject(granted());
    expect(chosenFor(set("web", "base:allocation"), set("web"))).toMatchObject(granted());
    const tooBig = option(Option.setMetaContext, Buffer.alloc(MAX_OPTION_BYTES + 1));
    expect(chosenFor(set("web", "base:allocation"), tooBig)).toMatchObject(granted());
  });

  it("agrees on extended headers before or without structured replies, and never goes back", () => {
    const { extendedHeaders, structuredReply, exportName } = Option;
    const chosenAfter = (...codes: number[]) =>
      negotiate([flags, ...codes.map((code) => option(code)), go("web")]);
    const extended = { outcome: { negotiated: { form: "extended" } } };
    expect(chosenAfter(extendedHeaders)).toMatchObject(extended);
    expect(chosenAfter(structuredReply, extendedHeaders)).toMatchObject(extended);
    expect(chosenAfter(extendedHeaders, structuredReply)).toMatchObject(extended);
    expect(typesOf([flags, option(extendedHeaders), option(structuredReply)])).toEqual([
      OptionReply.ack,
      OptionReply.extendedHeadersRequired,
    ]);
    expect(typesOf([flags, option(extendedHeaders, Buffer.from([1]))])).toEqual([OptionReply.invalid]);
    const old = option(exportName, Buffer.from("web"));
    expect(negotiate([flags, option(extendedHeaders), old]).outcome.state).toBe("drop");
  });

  it("tells a client what it may do, by what was agreed on", () => {
    const set = contexts(Option.setMetaContext, "web", "base:allocation");
    const told = (parts: Buffer[], readOnly = false) => {
      const { sent } = negotiate([flags, ...parts, go("web")], [web, db], readOnly);
      return repliesOf(sent)
        .find(({ data }) => data.length === 12 && data.readUInt16BE(0) === 0)
        ?.data.readUInt16BE(10);
    };
    const { hasFlags, flush, fua, cache, multiConnection, trim, writeZeroes, fastZero } = TransmissionFlag;
    const always = hasFlags | flush | fua | cache | multiConnection;
    const writable = always | trim | writeZeroes | fastZero;
    const { dontFragment, blockStatusPayload, readOnly } = TransmissionFlag;
    expect(told([])).toBe(writable);
    expect(told([option(Option.structuredReply), set])).toBe(writable | dontFragment);
    expect(told([option(Option.extendedHeaders)])).toBe(writable | dontFragment);
    expect(told([option(Option.extendedHeaders), set])).toBe(writable | dontFragment | blockStatusPayload);
    expect(told([], true)).toBe(always | readOnly);
  });

  it("describes an export to who asks", () => {
    const asked = option(Option.info, Buffer.concat([text("web"), u16(2), u16(1), u16(2)]));
    const infos = repliesOf(negotiate([flags, asked], [web, db], true).sent);
    const textOf = (type: number) =>
      infos.find(({ data }) => data.length > 2 && data.readUInt16BE(0) === type)?.data.toString("utf8", 2);
    expect(textOf(1)).toBe("web");
    expect(textOf(2)).toBe("Pagurus disk d1, read-only");
  });

  it("refuses the next option when the server is about to end", () => {
    const sent: Buffer[] = [];
    const negotiation = new Negotiation({ exports: () => [web], readOnly: false }, (bytes) =>
      sent.push(bytes),
    );
    negotiation.feed(flags);
    negotiation.shutDown();
    expect(negotiation.feed(go("web")).state).toBe("drop");
    const types = repliesOf(Buffer.concat(sent).subarray(18)).map(({ type }) => type);
    expect(types).toEqual([OptionReply.shutdown]);
  });

  it("refuses each wrong option by its error and goes on", () => {
    const wrong = [
      option(Option.startTls),
      option(Option.peekExport),
      option(99),
      option(Option.list, Buffer.from([1])),
      option(Option.structuredReply, Buffer.from([1])),
      option(Option.info, Buffer.from([0, 0])),
      option(Option.go, Buffer.concat([u32(1000), Buffer.from("web"), u16(0)])),
      option(Option.go, Buffer.concat([text("web"), u16(2), u16(3)])),
      option(Option.go, Buffer.concat([text("w".repeat(4097)), u16(0)])),
      option(99, Buffer.alloc(MAX_OPTION_BYTES + 1)),
    ];
    const { unsupported, invalid, tooBig } = OptionReply;
    expect(typesOf([flags, ...wrong, go("web")])).toEqual([
      ...[
        unsupported,
        unsupported,
        unsupported,
        invalid,
        invalid,
        invalid,
        invalid,
        invalid,
        invalid,
        tooBig,
      ],
      ...[3, 3, 1],
    ]);
  });

  it("drops who does not speak it", () => {
    expect(negotiate([u32(0x80)]).outcome.state).toBe("drop");
    expect(negotiate([flags, Buffer.from("GET / HTTP/1.1\r\n")]).outcome.state).toBe("drop");
    expect(negotiate([flags, option(Option.abort)])).toMatchObject({ outcome: { state: "drop" } });
    expect(negotiate([u32(0), option(Option.list)]).outcome.state).toBe("drop");
  });

  it("survives any bytes, also mangled good ones", () => {
    const good = Buffer.concat([
      flags,
      option(Option.structuredReply),
      contexts(10, "web", "base:allocation"),
      go("web"),
    ]);
    const mangled = fc
      .array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 5 })
      .map((changes) => {
        const bytes = Buffer.from(good);
        for (const [at, value] of changes) bytes[at] = value;
        return bytes;
      });
    const any = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.oneof(any, mangled), fc.nat(good.length), (bytes, cut) => {
        const { outcome } = negotiate([bytes.subarray(0, cut), bytes.subarray(cut)]);
        expect(["more", "chosen", "drop"]).toContain(outcome.state);
      }),
      { numRuns: 2000 },
    );
  });
});
