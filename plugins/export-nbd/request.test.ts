import fc from "fast-check";
import { CodedError } from "pagurus";
import { describe, expect, it } from "vitest";
import { errnoOf } from "./errno.ts";
import { Errno } from "./protocol.ts";
import { newRequest, readRequest, refusalOf } from "./request.ts";
import { hostAndPort, tcpUri, unixUri } from "./uri.ts";

describe("a request's header", () => {
  it("is read as it was written", () => {
    const fields = fc.record({
      flags: fc.nat(0xffff),
      command: fc.nat(0xffff),
      high: fc.nat(0xffff_ffff),
      low: fc.nat(0xffff_ffff),
      offset: fc.maxSafeNat(),
      length: fc.nat(0xffff_ffff),
    });
    fc.assert(
      fc.property(fields, fc.nat(100), (request, at) => {
        const bytes = Buffer.alloc(at + 28);
        bytes.writeUInt32BE(0x25609513, at);
        bytes.writeUInt16BE(request.flags, at + 4);
        bytes.writeUInt16BE(request.command, at + 6);
        bytes.writeUInt32BE(request.high, at + 8);
        bytes.writeUInt32BE(request.low, at + 12);
        bytes.writeBigUInt64BE(BigInt(request.offset), at + 16);
        bytes.writeUInt32BE(request.length, at + 24);
        const read = newRequest();
        expect(readRequest(bytes, at, read)).toBe(true);
        expect(read).toEqual(request);
        bytes[at] = 0;
        expect(readRequest(bytes, at, read)).toBe(false);
      }),
    );
  });

  it("beyond the disk is refused wherever it begins, up to the last number", () => {
    const blockSizes = { minimum: 512, preferred: 4096, maximum: 1 << 25 };
    const disk = { disk: "d", name: "d", sizeBytes: 4096, blockSizes };
    const all = { structured: true, allocation: true };
    const ask = (command: number, offset: number) =>
      refusalOf({ ...newRequest(), command, offset, length: 512 }, disk, all);
    expect(ask(1, 3584)).toBe(Errno.none);
    for (const offset of [4096, 2 ** 32, 2 ** 52, 2 ** 64 - 512]) {
      expect(ask(0, offset)).toBe(Errno.EINVAL);
      expect(ask(1, offset)).toBe(Errno.ENOSPC);
    }
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
