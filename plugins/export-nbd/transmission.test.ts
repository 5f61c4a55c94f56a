import fc from "fast-check";
import { FakeDisk } from "pagurus/testing";
import { describe, expect, it } from "vitest";
import { MAX_REQUESTS_IN_FLIGHT, REQUEST_COST_BYTES, TURN_BYTES } from "./limits.ts";
import type { MessageForm } from "./negotiated.ts";
import { Command } from "./protocol.ts";
import { converse } from "./testing/conversation.ts";
import { headOf } from "./testing/request-bytes.ts";

const SIZE = 64 * 1024;

interface Ask {
  readonly command: number;
  readonly flags: number;
  readonly offset: number;
  readonly length: number;
  readonly fill: number;
}

const PAYLOAD = 32;
const carries = ({ command, flags }: Ask, form: MessageForm): boolean =>
  form === "extended" ? (flags & PAYLOAD) !== 0 : command === Command.write;

const bytesOf = (ask: Ask, handle: number, form: MessageForm): Buffer => {
  const head = headOf({ ...ask, handle }, form);
  return carries(ask, form) ? Buffer.concat([head, Buffer.alloc(ask.length, ask.fill)]) : head;
};

const sectors = (max: number) => fc.integer({ min: 0, max }).map((n) => n * 512);
const anyAsk: fc.Arbitrary<Ask> = fc.record({
  command: fc.constantFrom(0, 1, 3, 4, 5, 6, 7),
  flags: fc.constantFrom(0, 0, 0, 1, 2, 4, 8, 16, PAYLOAD, PAYLOAD, PAYLOAD | 1, PAYLOAD | 8),
  offset: sectors(SIZE / 512 + 2),
  length: fc.oneof(sectors(96), fc.nat(2000)),
  fill: fc.nat(255),
});
const cut = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
  const at = [0, ...cuts.map((n) => n % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((to, n) => bytes.subarray(at[n], to));
};

/** Every ended request's handle, in the order in which they ended; fails on anything that is not a reply. */
const handlesOf = (sent: Buffer, asks: readonly Ask[], form: MessageForm): number[] => {
  const handles: number[] = [];
  for (let at = 0; at < sent.length; ) {
    const magic = sent.readUInt32BE(at);
    const handle = sent.readUInt32BE(at + 12);
    const ask = asks[handle];
    if (magic === 0x67446698) {
      expect(form).not.toBe("extended");
      const reads = ask?.command === Command.read && form === "simple" && sent.readUInt32BE(at + 4) === 0;
      handles.push(handle);
      at += 16 + (reads ? (ask?.length ?? 0) : 0);
      continue;
    }
    const extended = form === "extended";
    expect(magic).toBe(extended ? 0x6e8a278c : 0x668e33ef);
    if (extended) expect(sent.readBigUInt64BE(at + 16)).toBe(BigInt(ask?.offset ?? -1));
    if ((sent.readUInt16BE(at + 4) & 1) !== 0) handles.push(handle);
    at += (extended ? 32 : 20) + sent.readUInt32BE(at + (extended ? 28 : 16));
  }
  return handles;
};

const forms: readonly MessageForm[] = ["simple", "structured", "extended"];
const anyForm = fc.constantFrom(...forms);

describe.each([{ async: false }, { async: true }])("requests to a disk (async: $async)", ({ async }) => {
  it("are each answered once, however their bytes are cut, and none that was cut off is done", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyAsk, { maxLength: 30 }),
        fc.array(fc.nat(), { maxLength: 10 }),
        anyForm,
        fc.nat(),
        async (asks, cuts, form, end) => {
          const disk = new FakeDisk({ sizeBytes: SIZE, async });
          const { channel, transmission } = converse(disk, form);
          const streams = asks.map((ask, handle) => bytesOf(ask, handle, form));
          const all = Buffer.concat(streams);
          const arrived = all.subarray(0, end % (all.length + 1));
          await channel.arrive(cut(arrived, cuts));
          let whole = 0;
          for (let at = 0; whole < asks.length; whole++) {
            at += streams[whole]?.length ?? 0;
            if (at > arrived.length) break;
          }
          const closing = transmission.close();
          await closing;
          const handles = handlesOf(Buffer.concat(channel.sent), asks, form);
          expect(handles.sort((a, b) => a - b)).toEqual(Array.from({ length: whole }, (_, n) => n));
          const complete = asks.slice(0, whole);
          for (const { operation, offset, length } of disk.started)
            if (operation === "write")
              expect(complete.some((ask) => ask.offset === offset && ask.length === length)).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("give the same bytes as an array does", async () => {
    const asks = fc.array(
      anyAsk.filter(({ command, flags, offset, length }) => {
        const inside = length > 0 && length % 512 === 0 && offset + length <= SIZE;
        return inside && [1, 4, 6].includes(command) && flags <= 1;
      }),
      { maxLength: 20 },
    );
    await fc.assert(
      fc.asyncProperty(asks, fc.array(fc.nat(), { maxLength: 10 }), anyForm, async (asked, cuts, form) => {
        const disk = new FakeDisk({ sizeBytes: SIZE, async });
        const { channel, transmission } = converse(disk, form);
        const announced = form === "extended" ? PAYLOAD : 0;
        const writes = asked.map((ask) =>
          ask.command === Command.write ? { ...ask, flags: ask.flags | announced } : ask,
        );
        const model = new Uint8Array(SIZE);
        for (const { command, offset, length, fill } of writes)
          model.fill(command === Command.write ? fill : 0, offset, offset + length);
        await channel.arrive(
          cut(Buffer.concat(writes.map((ask, handle) => bytesOf(ask, handle, form))), cuts),
        );
        await transmission.close();
        expect(Buffer.compare(disk.content, model)).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  it("survive any bytes: what was no request is dropped and leaves no request behind", async () => {
    const good = bytesOf({ command: 1, flags: 0, offset: 0, length: 512, fill: 1 }, 0, "structured");
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array({ maxLength: 300 }),
          fc.array(fc.tuple(fc.nat(27), fc.nat(255)), { maxLength: 4 }).map((changes) => {
            const bytes = Buffer.concat([good, good, good]);
            for (const [at, value] of changes) bytes[540 + at] = value;
            return bytes;
          }),
        ),
        async (bytes) => {
          const disk = new FakeDisk({ sizeBytes: SIZE, async });
          const { channel, transmission } = converse(disk, "structured");
          await channel.arrive([bytes]);
          transmission.hungUp();
          await transmission.close();
          expect(disk.peers.size).toBe(0);
          expect(channel.destroyed).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("many requests that come at once", () => {
  it("don't keep the thread to themselves, and are all answered", async () => {
    const disk = new FakeDisk({ sizeBytes: SIZE });
    const { channel, transmission } = converse(disk, "structured");
    const ask = { command: Command.read, flags: 0, offset: 0, length: 4096, fill: 0 };
    const asks = Array.from({ length: 500 }, () => ask);
    const bytes = asks.map((one, handle) => bytesOf(one, handle, "structured"));
    const arriving = channel.arrive([Buffer.concat(bytes)]);
    expect(disk.started.length).toBeGreaterThan(0);
    expect(disk.started.length).toBeLessThan(TURN_BYTES / REQUEST_COST_BYTES);
    await arriving;
    while (disk.started.length < asks.length) await new Promise((resolve) => setImmediate(resolve));
    await transmission.close();
    const handles = handlesOf(Buffer.concat(channel.sent), asks, "structured");
    expect(handles).toEqual(asks.map((_, handle) => handle));
  });
});

describe("requests that a client left unread", () => {
  it("never start when it is gone by the time there is room for them", async () => {
    const started: (() => void)[] = [];
    const disk = new FakeDisk({ sizeBytes: SIZE });
    const connection = disk.connect({ alive: () => true });
    disk.connect = () => ({
      ...connection,
      write: () => new Promise((resolve) => started.push(resolve)),
    });
    const { channel, transmission } = converse(disk, "structured");
    const write = bytesOf(
      { command: Command.write, flags: 0, offset: 0, length: 512, fill: 1 },
      0,
      "structured",
    );
    await channel.arrive([Buffer.concat(Array.from({ length: MAX_REQUESTS_IN_FLIGHT + 1 }, () => write))]);
    expect(started).toHaveLength(MAX_REQUESTS_IN_FLIGHT);
    channel.alive = () => false;
    started[0]?.();
    await transmission.ended;
    expect(started).toHaveLength(MAX_REQUESTS_IN_FLIGHT);
  });
});
