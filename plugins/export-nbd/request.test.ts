import fc from "fast-check";
import { CodedError } from "pagurus";
import { describe, expect, it } from "vitest";
import { errnoOf } from "./errno.ts";
import { Context } from "./meta-contexts.ts";
import type { Negotiated } from "./negotiated.ts";
import { Command, CommandFlag, Errno } from "./protocol.ts";
import { newRequest, type Request, readRequest, readStatusQuery, refusalOf } from "./request.ts";
import { hostAndPort, tcpUri, unixUri } from "./uri.ts";

describe("a request's header", () => {
  it("is read as it was written, in either form", () => {
    const fields = fc.record({
      flags: fc.nat(0xffff),
      command: fc.nat(8),
      high: fc.nat(0xffff_ffff),
      low: fc.nat(0xffff_ffff),
      offset: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      length: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    });
    fc.assert(
      fc.property(fields, fc.nat(100), fc.boolean(), (request, at, extended) => {
        const { flags, command } = request;
        const length = extended ? request.length : request.length % 2n ** 32n;
        const bytes = Buffer.alloc(at + (extended ? 32 : 28));
        bytes.writeUInt32BE(extended ? 0x21e41c71 : 0x25609513, at);
        bytes.writeUInt16BE(flags, at + 4);
        bytes.writeUInt16BE(command, at + 6);
        bytes.writeUInt32BE(request.high, at + 8);
        bytes.writeUInt32BE(request.low, at + 12);
        bytes.writeBigUInt64BE(request.offset, at + 16);
        if (extended) bytes.writeBigUInt64BE(length, at + 24);
        else bytes.writeUInt32BE(Number(length), at + 24);
        const read = newRequest();
        expect(readRequest(bytes, at, read, extended)).toBe(true);
        const carries = extended ? (flags & CommandFlag.payloadLength) !== 0 : command === Command.write;
        expect(read).toEqual({
          flags,
          command,
          high: request.high | 0,
          low: request.low | 0,
          offsetHigh: Number(request.offset >> 32n) | 0,
          offsetLow: Number(request.offset % 2n ** 32n) | 0,
          offset: Number(request.offset),
          length: Number(length),
          payload: carries ? Number(length) : 0,
          contexts: 0,
        });
        expect(readRequest(bytes, at, read, !extended)).toBe(false);
      }),
    );
  });
});

describe("a request", () => {
  const blockSizes = { minimum: 512, preferred: 4096, maximum: 1 << 25 };
  const disk = { disk: "d", name: "d", sizeBytes: 2 ** 40, blockSizes };
  const { EINVAL, ENOSPC, EPERM, EOVERFLOW, ENOTSUP, none } = Errno;
  const { read, write, flush, trim, cache, writeZeroes, blockStatus, resize } = Command;
  const { fua, noHole, dontFragment, requestOne, fastZero, payloadLength } = CommandFlag;
  const both = Context.allocation | Context.dirty;

  const refusal = (request: Partial<Request>, how: Partial<Negotiated> = {}) => {
    const negotiated: Negotiated = {
      form: "structured",
      sizeBytes: disk.sizeBytes,
      contexts: both,
      readOnly: false,
      ...how,
    };
    const whole = { ...newRequest(), length: 512, ...request };
    const { form } = negotiated;
    const extended = form === "extended" && ((request.flags ?? 0) & payloadLength) !== 0;
    const payload = extended || (form !== "extended" && whole.command === write) ? whole.length : 0;
    return refusalOf({ ...whole, payload }, disk, negotiated);
  };

  it("beyond the disk is refused wherever it begins, up to the last number", () => {
    expect(refusal({ command: write, offset: 2 ** 40 - 512 })).toBe(none);
    for (const offset of [2 ** 40, 2 ** 52, 2 ** 64 - 512]) {
      for (const command of [read, trim, cache, blockStatus])
        expect(refusal({ command, offset })).toBe(EINVAL);
      for (const command of [write, writeZeroes]) expect(refusal({ command, offset })).toBe(ENOSPC);
    }
    const extended = { form: "extended" } as const;
    expect(refusal({ command: trim, length: 2 ** 40 }, extended)).toBe(none);
    expect(refusal({ command: trim, length: 2 ** 40 + 512 }, extended)).toBe(EINVAL);
    expect(refusal({ command: writeZeroes, length: 2 ** 64 - 512 }, extended)).toBe(ENOSPC);
  });

  it("may have the flags of its command and no other, whatever was agreed on", () => {
    const allowed: readonly (readonly [number, number])[] = [
      [read, fua | dontFragment],
      [write, fua],
      [trim, fua],
      [cache, fua],
      [writeZeroes, fua | noHole | fastZero],
      [blockStatus, fua | requestOne],
    ];
    for (const [command, flags] of allowed)
      for (let bit = 1; bit < 0x1_0000; bit *= 2)
        expect(refusal({ command, flags: bit }), `command ${command}, flag ${bit}`).toBe(
          (flags & bit) !== 0 ? none : EINVAL,
        );
    expect(refusal({ command: flush, flags: fua, length: 0 })).toBe(none);
    expect(refusal({ command: flush, flags: fua, length: 512 })).toBe(EINVAL);
    expect(refusal({ command: read, flags: dontFragment }, { form: "simple" })).toBe(EINVAL);
    for (const command of [resize, 9, 0xffff]) expect(refusal({ command })).toBe(EINVAL);
  });

  it("with extended headers says where it has a payload", () => {
    const extended = { form: "extended" } as const;
    const carrying = { flags: payloadLength };
    expect(refusal({ command: write, ...carrying }, extended)).toBe(none);
    expect(refusal({ command: write }, extended)).toBe(EINVAL);
    for (const command of [read, trim, cache, writeZeroes])
      expect(refusal({ command, ...carrying }, extended)).toBe(EINVAL);
    expect(refusal({ command: flush, ...carrying, length: 0 }, extended)).toBe(EINVAL);
    const query = { command: blockStatus, ...carrying };
    for (const [length, errno] of [
      [12, none],
      [16, none],
      [8, EINVAL],
      [13, EINVAL],
      [20, EINVAL],
    ] as const)
      expect(refusal({ ...query, length }, extended), `${length} bytes`).toBe(errno);
    expect(refusal({ ...query, length: 12 }, { ...extended, contexts: 0 })).toBe(EINVAL);
  });

  it("that would change what is to be read only is not permitted", () => {
    for (const command of [write, trim, writeZeroes])
      expect(refusal({ command }, { readOnly: true })).toBe(EPERM);
    for (const command of [read, cache, blockStatus])
      expect(refusal({ command }, { readOnly: true })).toBe(none);
    expect(refusal({ command: flush, length: 0 }, { readOnly: true })).toBe(none);
  });

  it("that is too large is told so by what it is", () => {
    const length = blockSizes.maximum + 512;
    expect(refusal({ command: read, length })).toBe(EINVAL);
    expect(refusal({ command: read, length, flags: dontFragment })).toBe(EOVERFLOW);
    expect(refusal({ command: write, length })).toBe(EINVAL);
    for (const command of [trim, cache, writeZeroes, blockStatus])
      expect(refusal({ command, length })).toBe(none);
  });

  it("for zeroes that are to be fast and to take space can't be had", () => {
    expect(refusal({ command: writeZeroes, flags: fastZero | noHole })).toBe(ENOTSUP);
  });

  it("for the status of some contexts names chosen ones, each once", () => {
    const query = (...ids: number[]) => {
      const bytes = Buffer.alloc(8 + 4 * ids.length);
      bytes.writeBigUInt64BE(2n ** 33n, 0);
      for (const [n, id] of ids.entries()) bytes.writeUInt32BE(id, 8 + 4 * n);
      const request = { ...newRequest(), flags: payloadLength | requestOne, payload: bytes.length };
      const known = readStatusQuery(bytes, request, {
        form: "extended",
        sizeBytes: disk.sizeBytes,
        contexts: both,
        readOnly: false,
      });
      return known ? request : undefined;
    };
    expect(query(Context.dirty)).toMatchObject({
      length: 2 ** 33,
      contexts: Context.dirty,
      flags: requestOne,
      payload: 0,
    });
    expect(query(Context.dirty, Context.allocation)?.contexts).toBe(both);
    for (const ids of [[0], [3], [4], [0xffff_ffff], [1, 1]]) expect(query(...ids), `${ids}`).toBeUndefined();
  });
});

describe("what a client is told of a failure", () => {
  it("is said by its code, else by its kind, else as a failing disk", () => {
    const space = { datastore: "d", availableBytes: 0, neededBytes: 1 };
    expect(errnoOf(new CodedError("no-space", space))).toBe(Errno.ENOSPC);
    expect(errnoOf(new CodedError("out-of-range", { length: 1, offset: 1, sizeBytes: 1 }))).toBe(
      Errno.EINVAL,
    );
    expect(errnoOf(new CodedError("layer-closed", { layer: "l" }))).toBe(Errno.EPERM);
    expect(errnoOf(new CodedError("cancelled", { what: "it" }))).toBe(Errno.ESHUTDOWN);
    expect(errnoOf(new CodedError("disk-closed", { disk: "d" }))).toBe(Errno.EIO);
    expect(errnoOf(new CodedError("code-of-a-plugin", {}))).toBe(Errno.EIO);
    expect(errnoOf(new CodedError("zero-not-fast", { offset: 0, length: 1 }))).toBe(Errno.ENOTSUP);
    expect(errnoOf(new RangeError("Array buffer allocation failed"))).toBe(Errno.ENOMEM);
    expect(errnoOf("anything")).toBe(Errno.EIO);
  });
});

describe("a URI", () => {
  it("finds the same place again", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (name, path) => {
        const url = new URL(unixUri(name, path));
        expect(url.searchParams.get("socket")).toBe(path);
        if (name !== "." && name !== "..") expect(decodeURIComponent(url.pathname)).toBe(`/${name}`);
      }),
    );
    expect(tcpUri("web", "::1", 7)).toBe("nbd://[::1]:7/web");
    expect(tcpUri("web", "0.0.0.0", 7)).toBe("nbd://localhost:7/web");
    expect(hostAndPort("[::1]:0")).toEqual({ host: "::1", port: 0 });
    expect(hostAndPort(":10809")).toEqual({ host: "", port: 10809 });
  });
});
