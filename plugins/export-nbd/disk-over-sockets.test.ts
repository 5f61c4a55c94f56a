import { CodedError } from "pagurus";
import { FakeDisk, type NbdForm } from "pagurus/testing";
import { describe, expect, it } from "vitest";
import { errnoOf, exportsUnderTest, MiB, pattern, uriOf } from "./testing/exports-under-test.ts";
import { headOf } from "./testing/request-bytes.ts";

const { attach, connect } = exportsUnderTest();
const forms: readonly NbdForm[] = ["simple", "structured", "extended"];

describe.each(
  forms.flatMap((form) => [
    { async: false, form },
    { async: true, form },
  ]),
)("a disk (async: $async) over messages in the $form form", ({ async, form }) => {
  const open = async (options = {}) => {
    const disk = new FakeDisk({ async, sizeBytes: 8 * MiB, ...options });
    const uri = uriOf(await attach(disk));
    return { disk, uri, client: await connect(uri, { form }) };
  };

  it("gives back what was written, from one sector to more than a chunk", async () => {
    const { client, disk } = await open();
    expect(client.sizeBytes).toBe(disk.sizeBytes);
    const sizes = [512, 4096, 32 * 1024, 33 * 1024, 256 * 1024, 3 * MiB];
    for (const [n, size] of sizes.entries()) {
      await client.write(n * 512, pattern(size, n));
      expect((await client.read(n * 512, size)).equals(pattern(size, n))).toBe(true);
    }
  });

  it("is what was agreed on", async () => {
    const { client } = await open();
    expect(client.form).toBe(form);
  });

  it("keeps many requests apart that are under way at once", async () => {
    const { client } = await open();
    const blocks = Array.from({ length: 1000 }, (_, n) => n);
    await Promise.all(blocks.map((n) => client.write(n * 4096, pattern(4096, n))));
    const read = await Promise.all(blocks.map((n) => client.read(n * 4096, 4096)));
    for (const n of blocks) expect(read[n]?.equals(pattern(4096, n))).toBe(true);
  });

  it("zeroes and trims, with a hole and without", async () => {
    const { client, disk } = await open();
    await client.write(0, pattern(3 * MiB, 1));
    await client.zero(512, 512);
    await client.trim(4096, 4096);
    await client.zero(MiB, MiB + 512, { keepSpace: true });
    const expected = Buffer.from(pattern(3 * MiB, 1));
    expected
      .fill(0, 512, 1024)
      .fill(0, 4096, 8192)
      .fill(0, MiB, 2 * MiB + 512);
    expect((await client.read(0, 3 * MiB)).equals(expected)).toBe(true);
    const written = disk.started.filter(({ operation }) => operation === "write");
    expect(written.slice(1).reduce((sum, { length }) => sum + length, 0)).toBe(MiB + 512);
  });

  it("flushes after the change and before the answer where that is asked for", async () => {
    const { client, disk } = await open();
    const fua = { fua: true };
    await client.write(0, pattern(512, 1), fua);
    await client.trim(0, 512, fua);
    await client.zero(0, 512, fua);
    await client.zero(0, 512, { ...fua, keepSpace: true });
    expect(disk.ended.map(({ operation }) => operation)).toEqual([
      ...["write", "flush", "zero", "flush", "zero", "flush", "write", "flush"],
    ]);
  });

  it("refuses what does not fit, swallows its payload and goes on", async () => {
    const { client, disk } = await open({ blockSizes: { minimum: 512, preferred: 4096, maximum: MiB } });
    expect(await errnoOf(client.read(8 * MiB, 512))).toBe("EINVAL");
    expect(await errnoOf(client.write(8 * MiB - 512, pattern(1024, 1)))).toBe("ENOSPC");
    expect(await errnoOf(client.zero(8 * MiB, 512))).toBe("ENOSPC");
    expect(await errnoOf(client.trim(8 * MiB, 512))).toBe("EINVAL");
    expect(await errnoOf(client.read(2 ** 52, 512))).toBe("EINVAL");
    expect(await errnoOf(client.read(1, 512))).toBe("EINVAL");
    expect(await errnoOf(client.write(0, pattern(100, 1)))).toBe("EINVAL");
    expect(await errnoOf(client.read(0, 0))).toBe("EINVAL");
    expect(await errnoOf(client.read(0, MiB + 512))).toBe("EINVAL");
    // Who announces such a payload in an extended header is dropped.
    if (form !== "extended") expect(await errnoOf(client.write(0, pattern(MiB + 512, 1)))).toBe("EINVAL");
    expect(disk.started).toEqual([]);
    await client.write(0, pattern(512, 3));
    expect(await client.read(0, 512)).toEqual(Buffer.from(pattern(512, 3)));
  });

  it("tells a full disk from a failing one", async () => {
    const { client, disk } = await open();
    disk.failure = new CodedError("no-space", { datastore: "d", availableBytes: 0, neededBytes: 512 });
    expect(await errnoOf(client.write(0, pattern(512, 1)))).toBe("ENOSPC");
    expect(await errnoOf(client.write(0, pattern(64 * 1024, 1)))).toBe("ENOSPC");
    disk.failure = new CodedError("disk-closed", { disk: "web" });
    expect(await errnoOf(client.read(0, 512))).toBe("EIO");
    expect(await errnoOf(client.flush())).toBe("EIO");
    expect(await errnoOf(client.write(0, pattern(512, 1), { fua: true }))).toBe("EIO");
    disk.failure = undefined;
    expect(await errnoOf(client.read(0, 512))).toBe("none");
  });

  it("never writes part of a payload whose client vanished", async () => {
    const { client, disk, uri } = await open();
    for (const length of [4096, 512 * 1024]) {
      const leaver = await connect(uri);
      const { size } = disk.peers;
      leaver.sendRaw(Buffer.concat([headOf({ command: 1, length }, "structured"), pattern(length - 1, 9)]));
      leaver.destroy();
      await disk.until(() => disk.peers.size === size - 1);
    }
    expect(disk.started).toEqual([]);
    expect(await errnoOf(client.read(0, 512))).toBe("none");
  });
});

describe("structured replies", () => {
  it("say which ranges are holes, merged and in order", async () => {
    const disk = new FakeDisk({ sizeBytes: 8 * MiB });
    const client = await connect(uriOf(await attach(disk)));
    await client.write(MiB, pattern(8192, 1));
    const hole = { hole: true, zero: true };
    const all = [
      { offset: 0, length: MiB, ...hole },
      { offset: MiB, length: 8192, hole: false, zero: false },
      { offset: MiB + 8192, length: 7 * MiB - 8192, ...hole },
    ];
    expect(await client.blockStatus(0, 8 * MiB)).toEqual(all);
    expect(await client.blockStatus(0, 8 * MiB, { one: true })).toEqual(all.slice(0, 1));
    expect(await client.blockStatus(MiB, 512)).toEqual([
      { offset: MiB, length: 512, hole: false, zero: false },
    ]);
  });

  it("are needed for block status", async () => {
    const client = await connect(uriOf(await attach(new FakeDisk())), { form: "simple" });
    expect(await errnoOf(client.blockStatus(0, 4096))).toBe("EINVAL");
  });
});
