import { closeSync, fstatSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { createServer, type Server, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { native, withoutNative } from "./index.ts";
import { loadLibc } from "./libc.ts";
import { createNative } from "./native.ts";

let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pagurus-native-"));
  path = join(folder, "file");
});
afterEach(() => rmSync(folder, { recursive: true }));

const fdOf = (socket: Socket): number => (socket as unknown as { _handle: { fd: number } })._handle.fd;

const pair = async (): Promise<{ server: Server; near: Socket; far: Socket }> => {
  const server = createServer();
  const accepted = new Promise<Socket>((resolve) => server.once("connection", resolve));
  await new Promise<void>((resolve) => server.listen(join(folder, "socket"), resolve));
  const far = new Socket().connect(join(folder, "socket"));
  return { server, far, near: await accepted };
};

test("a duplicate outlives the original", () => {
  const fd = openSync(path, "w+");
  const copy = native.dup(fd);
  expect(copy).not.toBe(fd);
  closeSync(fd);
  expect(writeSync(copy, "abc")).toBe(3);
  expect(fstatSync(copy).size).toBe(3);
  closeSync(copy);
});

test("a failed call is an error like those of node:fs", () => {
  expect(() => native.dup(1_000_000)).toThrow(expect.objectContaining({ code: "EBADF", syscall: "dup" }));
});

test("a far end that went away is seen although its last bytes were not read", async () => {
  const { server, near, far } = await pair();
  near.pause();
  expect(native.peerAlive(fdOf(near))).toBe(true);
  const sent = new Promise<void>((resolve) => far.write("unread", () => resolve()));
  await sent;
  expect(native.peerAlive(fdOf(near))).toBe(true);
  const closed = new Promise((resolve) => far.once("close", resolve));
  far.destroy();
  await closed;
  expect(native.peerAlive(fdOf(near))).toBe(false);
  near.destroy();
  server.close();
});

test("runs of data and holes are told apart, and a punched range is a hole of no space", () => {
  const fd = openSync(path, "w+");
  writeSync(fd, new Uint8Array(1 << 20).fill(1), 0, 1 << 20, 1 << 20);
  expect(() => native.willNeed(fd, 1 << 20, 1 << 20)).not.toThrow();
  expect(native.runAt(fd, 0)).toEqual({ data: false, end: 1 << 20 });
  expect(native.runAt(fd, 1 << 20)).toEqual({ data: true, end: 2 << 20 });
  expect(native.runAt(fd, 2 << 20)).toEqual({ data: false, end: Number.POSITIVE_INFINITY });
  expect(native.punchHole(fd, 1 << 20, 1 << 20)).toBe(true);
  expect(native.runAt(fd, 0)).toEqual({ data: false, end: Number.POSITIVE_INFINITY });
  expect(fstatSync(fd)).toMatchObject({ blocks: 0, size: 2 << 20 });
  closeSync(fd);
});

test("what was data when its beginning was asked for, and a hole when its end was, is a hole", () => {
  const answers = [4096, 4096, 8192];
  const changing = createNative(() => ({ ...loadLibc(), lseek: () => answers.shift() ?? -1 }));
  expect(changing.runAt(3, 4096)).toEqual({ data: false, end: 8192 });
});

test("locks part two open files of one process and go with the descriptor", () => {
  const [one, two] = [openSync(path, "w+"), openSync(path, "r+")];
  expect(native.lock(one, { kind: "shared", offset: 100, length: 4 })).toBe(true);
  expect(native.lock(two, { kind: "shared", offset: 103, length: 1 })).toBe(true);
  expect(native.lock(two, { kind: "exclusive", offset: 102, length: 1 })).toBe(false);
  expect(native.lockable(two, { kind: "exclusive", offset: 102, length: 1 })).toBe(false);
  expect(native.lockable(two, { kind: "exclusive", offset: 104, length: 1 })).toBe(true);
  closeSync(one);
  expect(native.lock(two, { kind: "exclusive", offset: 100, length: 4 })).toBe(true);
  closeSync(two);
});

test("a socket takes what there is room for and never waits", async () => {
  const { server, near, far } = await pair();
  const fd = fdOf(near);
  far.pause();
  expect(native.sizeSendBuffer(fd, 1 << 20)).toBe(true);
  expect(native.send(fd, Buffer.from("abc"))).toBe(3);
  const block = new Uint8Array(1 << 20);
  while (native.send(fd, block) > 0);
  expect(native.send(fd, block)).toBe(0);
  near.destroy();
  far.destroy();
  server.close();
  expect(native.send(1_000_000, block)).toBe(0);
});

test("bytes are read and written at a place, and a file's end is told", () => {
  const fd = openSync(path, "w+");
  const into = Buffer.alloc(8);
  expect(native.write(fd, Buffer.from("abcdef"), 2)).toBe(6);
  expect(native.read(fd, into, 4)).toBe(4);
  expect(into.subarray(0, 4).toString()).toBe("cdef");
  expect(native.read(fd, into, 8)).toBe(0);
  // tmpfs can't tell; elsewhere what was just written is in memory.
  expect([undefined, 8]).toContain(native.readCached(fd, into, 0));
  closeSync(fd);
  expect(() => native.read(1_000_000, into, 0)).toThrow(
    expect.objectContaining({ code: "EBADF", syscall: "read" }),
  );
  expect(() => native.write(1_000_000, into, 0)).toThrow(expect.objectContaining({ code: "EBADF" }));
});

test("where no system call can be made each call has its fallback, and dup refuses", () => {
  const fd = openSync(path, "w+");
  expect(withoutNative.available).toBe(false);
  expect(withoutNative.peerAlive(fd)).toBeUndefined();
  expect(withoutNative.runAt(fd, 0)).toBeUndefined();
  expect(withoutNative.send(fd, Buffer.from("abc"))).toBe(0);
  expect(withoutNative.sizeSendBuffer(fd, 1)).toBe(false);
  expect(withoutNative.read(fd, Buffer.alloc(1), 0)).toBeUndefined();
  expect(withoutNative.write(fd, Buffer.alloc(1), 0)).toBeUndefined();
  expect(withoutNative.readCached(fd, Buffer.alloc(1), 0)).toBeUndefined();
  expect(() => withoutNative.willNeed(fd, 0, 512)).not.toThrow();
  expect(() => withoutNative.readNoFurther(fd)).not.toThrow();
  expect(withoutNative.punchHole(fd, 0, 512)).toBe(false);
  expect(withoutNative.lock(fd, { kind: "shared", offset: 0, length: 1 })).toBeUndefined();
  expect(() => withoutNative.dup(fd)).toThrow(expect.objectContaining({ code: "native-unavailable" }));
  closeSync(fd);
});
