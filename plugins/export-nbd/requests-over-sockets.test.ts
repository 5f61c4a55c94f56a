import type { Counter, Metrics } from "pagurus";
import { FakeDisk, type NbdClientOptions, NbdHandshake } from "pagurus/testing";
import { describe, expect, it } from "vitest";
import type { NbdConfig } from "./config.ts";
import { Command, CommandFlag, Option, OptionReply, TransmissionFlag } from "./protocol.ts";
import { errnoOf, exportsUnderTest, MiB, uriOf } from "./testing/exports-under-test.ts";

const KiB = 1024;
const GiB = 1024 * MiB;
const both = ["base:allocation", "pagurus:dirty"];

const { attach, connect: connectTo, exportWith } = exportsUnderTest();

const serve = async (disk: FakeDisk, config: Partial<NbdConfig> = {}) => {
  const counted: string[] = [];
  const counter: Counter = { add: (amount, labels) => counted.push(`${amount} ${labels?.["form"]}`) };
  const metrics: Metrics = { counter: () => counter, gauge: () => ({ set() {} }) };
  const attachment = await attach(disk, exportWith(config, { metrics }));
  const uri = uriOf(attachment);
  return { attachment, uri, counted, connect: (wishes?: NbdClientOptions) => connectTo(uri, wishes) };
};

/** A disk too large for memory: it remembers what was asked of it. */
const largeDisk = () => {
  const asked: string[] = [];
  const disk = new FakeDisk();
  const connection = disk.connect({ alive: () => true });
  const large = Object.assign(Object.create(disk) as FakeDisk, {
    sizeBytes: 16 * GiB,
    connect: () => ({
      ...connection,
      zero: (offset: number, length: number, options?: { fast?: boolean }) =>
        void asked.push(`zero ${offset} ${length}${options?.fast ? " fast" : ""}`),
      prefetch: (offset: number, length: number) => void asked.push(`prefetch ${offset} ${length}`),
      async *extents(offset: number, length: number) {
        yield { offset, length: length - 512, kind: "zero" };
        yield { offset: offset + length - 512, length: 512, kind: "data" };
      },
      async *dirty(offset: number, length: number) {
        yield { offset, length, dirty: true };
      },
    }),
  });
  return { large, asked };
};

describe("with extended headers", () => {
  it("one request covers what no compact one could", async () => {
    const { large, asked } = largeDisk();
    const { connect, counted } = await serve(large);
    const client = await connect({ form: "extended", contexts: both });
    await client.zero(512, 5 * GiB, { fast: true });
    await client.trim(8 * GiB, 6 * GiB);
    await client.cache(0, 16 * GiB);
    // In steps, so that others can come between them; only the first one can still refuse to be slow.
    expect(asked).toEqual([
      `zero 512 ${GiB} fast`,
      ...[1, 2, 3, 4].map((n) => `zero ${512 + n * GiB} ${GiB}`),
      ...[8, 9, 10, 11, 12, 13].map((n) => `zero ${n * GiB} ${GiB}`),
      `prefetch 0 ${16 * GiB}`,
    ]);
    expect(await client.status(4096, 9 * GiB)).toEqual(
      new Map([
        [
          "base:allocation",
          [
            { offset: 4096, length: 9 * GiB - 512, state: 3 },
            { offset: 9 * GiB + 3584, length: 512, state: 0 },
          ],
        ],
        ["pagurus:dirty", [{ offset: 4096, length: 9 * GiB, state: 1 }]],
      ]),
    );
    expect(counted).toEqual(["1 extended"]);
  });

  it("a client asks for the contexts that it wants now", async () => {
    const client = await (await serve(new FakeDisk())).connect({ form: "extended", contexts: both });
    expect(client.flags & TransmissionFlag.blockStatusPayload).not.toBe(0);
    const only = await client.status(0, 8192, { only: ["pagurus:dirty"] });
    expect(only).toEqual(new Map([["pagurus:dirty", [{ offset: 0, length: 8192, state: 0 }]]]));
    expect([...(await client.status(0, 8192, { only: both })).keys()]).toEqual(both);
    expect(await errnoOf(client.status(0, 8192, { only: ["none:such"] }))).toBe("EINVAL");
    expect(await errnoOf(client.status(0, 2 * MiB, { only: both }))).toBe("EINVAL");
    expect(await errnoOf(client.read(0, 512))).toBe("none");
  });

  it("a payload that a command has no use for is read over, up to the largest, and a larger one is not", async () => {
    const { connect } = await serve(
      new FakeDisk({ blockSizes: { minimum: 512, preferred: 4096, maximum: MiB } }),
    );
    const client = await connect({ form: "extended" });
    for (const command of [Command.read, Command.trim, Command.flush, 99])
      for (const length of [1, 4096, MiB]) {
        const head = { command, flags: CommandFlag.payloadLength, offset: 0, length };
        expect(await errnoOf(client.ask(head, Buffer.alloc(length)))).toBe("EINVAL");
      }
    expect(await errnoOf(client.ask({ command: Command.write, offset: 0, length: 512 }))).toBe("EINVAL");
    expect(await errnoOf(client.read(0, 512))).toBe("none");
    const tooLong = client.write(0, Buffer.alloc(MiB + 512));
    await expect(tooLong).rejects.toMatchObject({ code: "peer-lost" });
    await client.closed;
  });

  it("a refusal gives back the offset that was asked for, whatever it was", async () => {
    const client = await (await serve(new FakeDisk())).connect({ form: "extended" });
    for (const offset of [2n ** 64n - 1n, 2n ** 53n + 1n, 2n ** 32n])
      expect(await errnoOf(client.ask({ command: Command.read, offset, length: 512 }))).toBe("EINVAL");
  });
});

describe("a client", () => {
  it("is told of each context in a chunk of its own, neighbours of one state together", async () => {
    const disk = new FakeDisk();
    const client = await (await serve(disk)).connect({ contexts: both });
    await client.write(8192, Buffer.alloc(8192, 1));
    disk.dirtyRanges = [
      { offset: 4096, length: 4096 },
      { offset: 8192, length: 4096 },
    ];
    expect(await client.status(0, 32768)).toEqual(
      new Map([
        [
          "base:allocation",
          [
            { offset: 0, length: 8192, state: 3 },
            { offset: 8192, length: 8192, state: 0 },
            { offset: 16384, length: 16384, state: 3 },
          ],
        ],
        [
          "pagurus:dirty",
          [
            { offset: 0, length: 4096, state: 0 },
            { offset: 4096, length: 8192, state: 1 },
            { offset: 12288, length: 20480, state: 0 },
          ],
        ],
      ]),
    );
    const one = await client.status(0, 32768, { one: true });
    expect([...one.values()].map((extents) => extents.length)).toEqual([1, 1]);
  });

  it("that wants zeroes fast gets them so, or a refusal that changes nothing", async () => {
    const disk = new FakeDisk();
    const client = await (await serve(disk)).connect();
    await client.write(0, Buffer.alloc(4096, 1));
    disk.fastZero = false;
    expect(await errnoOf(client.zero(0, 4096, { fast: true }))).toBe("ENOTSUP");
    expect(await errnoOf(client.zero(0, 4096, { fast: true, keepSpace: true }))).toBe("ENOTSUP");
    expect(disk.content[0]).toBe(1);
    await client.zero(0, 2048);
    disk.fastZero = true;
    await client.zero(2048, 2048, { fast: true, fua: true });
    expect(disk.content.subarray(0, 4096).every((byte) => byte === 0)).toBe(true);
    expect(disk.ended.at(-1)?.operation).toBe("flush");
  });

  it("that wants its bytes in one piece gets one chunk, or is told that they are too many", async () => {
    const blockSizes = { minimum: 512, preferred: 4096, maximum: 256 * KiB };
    const client = await (await serve(new FakeDisk({ blockSizes }))).connect();
    const read = { command: Command.read, flags: CommandFlag.dontFragment, offset: 0 };
    const chunks = await client.ask({ ...read, length: 256 * KiB });
    expect(chunks.map(({ type }) => type)).toEqual([1]);
    expect(await errnoOf(client.ask({ ...read, length: 512 * KiB }))).toBe("EOVERFLOW");
    expect(await errnoOf(client.ask({ ...read, flags: 0, length: 512 * KiB }))).toBe("EINVAL");
  });

  it("of an export to read only changes nothing, beside one that does", async () => {
    const disk = new FakeDisk();
    const { connect } = await serve(disk);
    const look = await (await serve(disk, { readOnly: true })).connect();
    await (await connect()).write(0, Buffer.alloc(512, 7));
    const { readOnly, multiConnection, trim, writeZeroes, fastZero } = TransmissionFlag;
    expect(look.flags & (readOnly | multiConnection)).toBe(readOnly | multiConnection);
    expect(look.flags & (trim | writeZeroes | fastZero)).toBe(0);
    expect(await errnoOf(look.write(0, Buffer.alloc(64 * KiB)))).toBe("EPERM");
    expect(await errnoOf(look.trim(0, 512))).toBe("EPERM");
    expect(await errnoOf(look.zero(0, 512))).toBe("EPERM");
    expect(await look.read(0, 512)).toEqual(Buffer.alloc(512, 7));
    await look.flush();
  });

  it("in its handshake is told that the server ends, and its silence doesn't keep the server up", async () => {
    const { attachment, uri } = await serve(new FakeDisk());
    const handshakes = await Promise.all([NbdHandshake.connect(uri), NbdHandshake.connect(uri)]);
    const [asking, silent] = handshakes;
    // That its flags have arrived is known by an answer.
    for (const handshake of handshakes) await handshake.list();
    const closed = attachment.close();
    expect((await asking.ask(Option.list)).map(({ type }) => type)).toEqual([OptionReply.shutdown]);
    await asking.closed;
    await silent.closed;
    await closed;
  });
});
