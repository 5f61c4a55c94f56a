import fc from "fast-check";
import { FakeDisk } from "pagurus/testing";
import { afterEach, describe, expect, it, vi } from "vitest";
import { BufferAccount } from "./buffer-pool.ts";
import type { MessageForm } from "./negotiated.ts";
import { Negotiation, type Outcome } from "./negotiation.ts";
import { converse } from "./testing/conversation.ts";
import { hostileStreams, seed } from "./testing/hostile-bytes.ts";
import { apply, decode, type ReferenceRequest } from "./testing/reference-decoder.ts";
import { headOf } from "./testing/request-bytes.ts";

/** Together more than 10^5 inputs. */
const HANDSHAKES = 40_000;
const CONVERSATIONS = 22_000;
const LONG_MS = 600_000;

const SIZE = 64 * 1024;
const blockSizes = { minimum: 512, preferred: 4096, maximum: 32 * 1024 };

afterEach(() => vi.restoreAllMocks());

const u16 = (value: number): Buffer => Buffer.from([value >>> 8, value & 0xff]);
const u32 = (value: number): Buffer => Buffer.from([value >>> 24, value >>> 16, value >>> 8, value]);
const text = (value: string): Buffer => Buffer.concat([u32(value.length), Buffer.from(value)]);

describe("bytes that no client should send", () => {
  it(
    `seed ${seed}: ${HANDSHAKES} handshakes end, or go on, alike in whatever pieces they come`,
    () => {
      const name = fc.constantFrom("web", "db", "", "nothing");
      const query = fc.constantFrom("base:allocation", "pagurus:dirty", "base:", "pagurus:", "x:y");
      const data = fc.oneof(
        name.map((value) => Buffer.from(value)),
        fc
          .tuple(name, fc.array(fc.nat(5), { maxLength: 3 }))
          .map(([value, infos]) => Buffer.concat([text(value), u16(infos.length), ...infos.map(u16)])),
        fc
          .tuple(name, fc.array(query, { maxLength: 3 }))
          .map(([value, all]) => Buffer.concat([text(value), u32(all.length), ...all.map(text)])),
        fc.constant(Buffer.alloc(0)),
      );
      const option = fc
        .tuple(fc.nat(12), data)
        .map(([code, bytes]) =>
          Buffer.concat([Buffer.from("IHAVEOPT"), u32(code), u32(bytes.length), bytes]),
        );
      const good = fc
        .tuple(fc.constantFrom(0, 1, 3, 3, 3, 3), fc.array(option, { maxLength: 8 }))
        .map(([flags, options]) => Buffer.concat([u32(flags), ...options]));
      const entries = [new FakeDisk({ disk: "d1" }), new FakeDisk({ disk: "d2", name: "db" })];
      const negotiate = (parts: readonly Buffer[]) => {
        const sent: Buffer[] = [];
        const offer = { exports: () => entries, readOnly: false };
        const negotiation = new Negotiation(offer, (bytes) => sent.push(bytes));
        let outcome: Outcome = { state: "more" };
        let fed = 0;
        for (const part of parts) {
          if (outcome.state !== "more") break;
          outcome = negotiation.feed(part);
          fed += part.length;
        }
        const rest = outcome.state === "chosen" ? outcome.rest.length : 0;
        return { used: fed - rest, outcome, sent: Buffer.concat(sent) };
      };
      fc.assert(
        fc.property(hostileStreams(good), (parts) => {
          const inPieces = negotiate(parts);
          const inOne = negotiate([Buffer.concat(parts)]);
          expect(inPieces.outcome.state).toBe(inOne.outcome.state);
          expect(inPieces.sent.equals(inOne.sent)).toBe(true);
          if (inPieces.outcome.state === "chosen" && inOne.outcome.state === "chosen") {
            expect(entries).toContain(inOne.outcome.entry);
            expect(inPieces.outcome.negotiated).toEqual(inOne.outcome.negotiated);
            expect(inPieces.used).toBe(inOne.used);
          }
        }),
        { numRuns: HANDSHAKES, seed },
      );
    },
    LONG_MS,
  );

  it.each<MessageForm>(["simple", "structured", "extended"])(
    `seed ${seed}: ${CONVERSATIONS} conversations with %s replies do what a plain reading of their bytes says, and nothing else`,
    async (form) => {
      const takes = vi.spyOn(BufferAccount.prototype, "take");
      await fc.assert(
        fc.asyncProperty(hostileStreams(goodRequests(form)), fc.boolean(), async (parts, async) => {
          takes.mockClear();
          const disk = new FakeDisk({ sizeBytes: SIZE, blockSizes, async });
          const { channel, transmission } = converse(disk, form);
          await channel.arrive(parts);
          const { requests, end } = decode(Buffer.concat(parts), form, blockSizes.maximum);
          await transmission.close();
          await transmission.ended;
          expect(disk.peers.size).toBe(0);
          const accounts = [...new Set(takes.mock.contexts)] as BufferAccount[];
          await turnsUntil(() => accounts.every(({ heldBytes }) => heldBytes === 0));
          const asked = requests.map(({ handle }) => handle).sort();
          const answered = answeredIn(Buffer.concat(channel.sent), requests, form)?.sort();
          if (end === "breach") expect(asked).toEqual(expect.arrayContaining(answered ?? []));
          else if (answered !== undefined) expect(answered).toEqual(asked);
          // Requests that are under way side by side may end in any order, and a dropped client's may never start.
          if (async || end === "breach") return;
          const content = new Uint8Array(SIZE);
          for (const request of requests) apply(request, content, disk, form);
          expect(Buffer.compare(disk.content, content)).toBe(0);
        }),
        { numRuns: CONVERSATIONS, seed },
      );
    },
    LONG_MS,
  );
});

const TURNS = 10;
/** Turns of the event loop until it is so; fails where it isn't soon. */
const turnsUntil = async (met: () => boolean): Promise<void> => {
  for (let turn = 0; turn < TURNS && !met(); turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(met()).toBe(true);
};

/** Streams of requests, most of which can be done. */
const goodRequests = (form: MessageForm): fc.Arbitrary<Buffer> => {
  const extended = form === "extended";
  const request = fc.record({
    command: fc.constantFrom(0, 1, 1, 1, 3, 4, 5, 6, 7),
    flags: fc.constantFrom(0, 0, 0, 1, 2, 4, 8, 16),
    offset: fc.nat(SIZE / 512).map((n) => n * 512),
    length: fc.oneof(
      { weight: 9, arbitrary: fc.integer({ min: 1, max: 12 }).map((n) => n * 512) },
      { weight: 1, arbitrary: fc.nat(2 ** 31) },
    ),
    fill: fc.nat(255),
  });
  return fc.array(request, { maxLength: 10 }).map((requests) =>
    Buffer.concat(
      requests.flatMap(({ command, flags, offset, length, fill }, handle) => {
        const bytes = command === 1 ? length % (16 * 1024) : 0;
        const announced = flags | (extended && command === 1 ? 32 : 0);
        const head = headOf(
          { command, flags: announced, handle, offset, length: command === 1 ? bytes : length },
          form,
        );
        return [head, Buffer.alloc(bytes, fill)];
      }),
    ),
  );
};

/**
 * The handles answered, each as often as it was; `undefined` where the bytes can't be told apart, because a handle
 * was used for requests of several lengths. Fails on what is no reply.
 */
const answeredIn = (
  sent: Buffer,
  requests: readonly ReferenceRequest[],
  form: MessageForm,
): bigint[] | undefined => {
  const lengthOf = new Map<bigint, number>();
  for (const { handle, command, length } of requests) {
    const bytes = command === 0 ? Number(length) : 0;
    if (form === "simple" && (lengthOf.get(handle) ?? bytes) !== bytes) return undefined;
    lengthOf.set(handle, bytes);
  }
  const handles: bigint[] = [];
  for (let at = 0; at < sent.length; ) {
    const magic = sent.readUInt32BE(at);
    const handle = sent.readBigUInt64BE(at + 8);
    expect(lengthOf.has(handle)).toBe(true);
    if (magic === 0x67446698) {
      expect(form).not.toBe("extended");
      const failed = sent.readUInt32BE(at + 4) !== 0;
      at += 16 + (form === "simple" && !failed ? (lengthOf.get(handle) ?? 0) : 0);
      handles.push(handle);
      continue;
    }
    expect(magic).toBe(form === "extended" ? 0x6e8a278c : 0x668e33ef);
    if ((sent.readUInt16BE(at + 4) & 1) !== 0) handles.push(handle);
    at += form === "extended" ? 32 + Number(sent.readBigUInt64BE(at + 24)) : 20 + sent.readUInt32BE(at + 16);
    expect(at).toBeLessThanOrEqual(sent.length);
  }
  return handles;
};
