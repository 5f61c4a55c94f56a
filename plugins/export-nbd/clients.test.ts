import { connect as connectSocket } from "node:net";
import { FakeDisk } from "pagurus/testing";
import { afterEach, describe, expect, it, vi } from "vitest";
import { HANDSHAKE_TIMEOUT_MS, MAX_REQUESTS_IN_FLIGHT } from "./limits.ts";
import {
  errnoOf,
  exportsUnderTest,
  MiB,
  pattern,
  socketPathOf,
  uriOf,
} from "./testing/exports-under-test.ts";

const { attach, connect, exportWith } = exportsUnderTest();
afterEach(() => void vi.useRealTimers());

describe("a client", () => {
  it("that breaks the protocol is dropped, and others are not disturbed", async () => {
    const disk = new FakeDisk();
    const uri = uriOf(await attach(disk));
    const good = await connect(uri);
    const bad = await connect(uri);
    bad.sendRaw(Buffer.alloc(4096, 0xaa));
    await bad.closed;
    const stray = await connect(uri);
    stray.destroy();
    expect(await errnoOf(good.read(0, 512))).toBe("none");
  });

  it("that sends an unknown command or flag is refused", async () => {
    const client = await connect(uriOf(await attach(new FakeDisk())));
    const range = { offset: 0, length: 512 };
    for (const command of [8, 99, 0xffff])
      expect(await errnoOf(client.ask({ command, ...range }))).toBe("EINVAL");
    for (const [command, flags] of [
      [0, 2],
      [4, 4],
      [6, 32],
      [5, 2],
      [3, 0x8000],
    ] as const)
      expect(await errnoOf(client.ask({ command, flags, ...range }))).toBe("EINVAL");
    expect(await errnoOf(client.read(0, 512))).toBe("none");
  });

  it("that gets no answers stops being read, until they come", async () => {
    const disk = new FakeDisk({ sizeBytes: 8 * MiB });
    const uri = uriOf(await attach(disk));
    const client = await connect(uri);
    disk.hold();
    const many = MAX_REQUESTS_IN_FLIGHT * 2;
    const answers = Promise.all(
      Array.from({ length: many }, (_, n) => client.write(n * 512, pattern(512, n))),
    );
    await disk.until(() => disk.heldRequests === MAX_REQUESTS_IN_FLIGHT);
    const other = await connect(uri);
    const late = other.read(0, 512);
    await disk.until(() => disk.heldRequests > MAX_REQUESTS_IN_FLIGHT);
    expect(disk.heldRequests).toBe(MAX_REQUESTS_IN_FLIGHT + 1);
    disk.release();
    await answers;
    await late;
    for (const n of [0, many - 1])
      expect(await client.read(n * 512, 512)).toEqual(Buffer.from(pattern(512, n)));
  });

  it("that is gone when its held requests are released never starts them", async () => {
    const disk = new FakeDisk();
    const client = await connect(uriOf(await attach(disk)));
    disk.hold();
    const lost = Array.from({ length: MAX_REQUESTS_IN_FLIGHT * 2 }, () =>
      errnoOf(client.write(0, pattern(512, 1))),
    );
    await disk.until(() => disk.heldRequests === MAX_REQUESTS_IN_FLIGHT);
    client.destroy();
    await client.closed;
    await Promise.all(lost);
    disk.release();
    await disk.until(() => disk.peers.size === 0);
    expect(disk.started).toEqual([]);
  });

  it("that says good-bye gets the answers to what it asked before", async () => {
    const disk = new FakeDisk({ async: true });
    const client = await connect(uriOf(await attach(disk)));
    const written = client.write(0, pattern(4096, 5));
    const gone = client.disconnect();
    await written;
    await gone;
    await disk.until(() => disk.peers.size === 0);
  });

  it("that takes too long to choose an export is dropped", async () => {
    const uri = uriOf(await attach(new FakeDisk()));
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const idle = connectSocket(socketPathOf(uri));
    await new Promise((resolve) => idle.once("data", resolve));
    const chosen = await connect(uri);
    vi.advanceTimersByTime(HANDSHAKE_TIMEOUT_MS);
    await new Promise((resolve) => idle.once("close", resolve));
    expect(await errnoOf(chosen.read(0, 512))).toBe("none");
  });

  it("that only hold a place in the handshake keep nobody out: the oldest goes for the newest", async () => {
    const uri = uriOf(await attach(new FakeDisk(), exportWith({ maxConnections: 2 })));
    const path = socketPathOf(uri);
    const idle = [1, 2, 3].map(() => connectSocket(path).resume());
    await new Promise((resolve) => idle[0]?.once("close", resolve));
    expect(await errnoOf((await connect(uri)).read(0, 512))).toBe("none");
    for (const socket of idle) socket.destroy();
  });

  it("one too many is turned away", async () => {
    const uri = uriOf(await attach(new FakeDisk(), exportWith({ maxConnections: 3 })));
    const first = await connect(uri);
    for (let n = 1; n < 3; n++) await connect(uri);
    await expect(connect(uri)).rejects.toMatchObject({ code: "peer-lost" });
    expect(await errnoOf(first.read(0, 512))).toBe("none");
  });
});
