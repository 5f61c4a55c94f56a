import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { FakeDisk, type NbdForm } from "pagurus/testing";
import { afterEach, describe, expect, it, vi } from "vitest";
import { CLOSE_TIMEOUT_MS, SMALL_WRITE_BYTES } from "./limits.ts";
import { Chunk, Command, Errno } from "./protocol.ts";
import { converse } from "./testing/conversation.ts";
import { errnoOf, exportsUnderTest, MiB, pattern, uriOf } from "./testing/exports-under-test.ts";
import { headOf } from "./testing/request-bytes.ts";

const exports = exportsUnderTest();
const { attach, connect, exportWith } = exports;
const refusing = { lateRequests: "refuse" } as const;
const forms: readonly NbdForm[] = ["simple", "structured", "extended"];

afterEach(() => void vi.useRealTimers());

describe("closing", () => {
  it("answers what is in flight, starts nothing more, then hangs up", async () => {
    const disk = new FakeDisk();
    const attachment = await attach(disk);
    const client = await connect(uriOf(attachment));
    disk.hold();
    const inFlight = client.write(0, pattern(512, 7));
    await disk.until(() => disk.heldRequests === 1);
    const closed = attachment.close();
    const late = client.write(512, pattern(512, 8));
    disk.release();
    await inFlight;
    await expect(late).rejects.toMatchObject({ code: "peer-lost" });
    await client.closed;
    await closed;
    expect(disk.peers.size).toBe(0);
    expect(disk.content.subarray(512, 1024).every((byte) => byte === 0)).toBe(true);
    expect(await readdir(join(exports.dataDir, "run"))).toEqual([]);
    await expect(connect(uriOf(attachment))).rejects.toMatchObject({ code: "peer-lost" });
  });
});

describe("closing where late requests are refused", () => {
  it.each(forms)(
    "answers what is in flight and refuses all else until the client says good-bye (%s)",
    async (form) => {
      const disk = new FakeDisk({ sizeBytes: 2 * MiB });
      const attachment = await attach(disk, exportWith(refusing));
      const client = await connect(uriOf(attachment), { form });
      disk.hold();
      const inFlight = client.write(0, pattern(512, 7));
      await disk.until(() => disk.heldRequests === 1);
      const closed = attachment.close();
      expect(await errnoOf(client.read(0, 512))).toBe("ESHUTDOWN");
      expect(await errnoOf(client.write(MiB, pattern(MiB, 8)))).toBe("ESHUTDOWN");
      if (form !== "simple") expect(await errnoOf(client.status(0, 512))).toBe("ESHUTDOWN");
      disk.release();
      await inFlight;
      expect(await errnoOf(client.flush())).toBe("ESHUTDOWN");
      await client.disconnect();
      await closed;
      expect(disk.started.map(({ operation, offset }) => `${operation} ${offset}`)).toEqual(["write 0"]);
    },
  );

  it("hangs up on a client that stays", async () => {
    const disk = new FakeDisk();
    const attachment = await attach(disk, exportWith(refusing));
    const client = await connect(uriOf(attachment));
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const closed = attachment.close();
    expect(await errnoOf(client.read(0, 512))).toBe("ESHUTDOWN");
    vi.advanceTimersByTime(CLOSE_TIMEOUT_MS);
    await client.closed;
    await closed;
    expect(disk.peers.size).toBe(0);
  });

  it("refuses a write whose payload had begun to arrive", async () => {
    const disk = new FakeDisk();
    const { channel, transmission } = converse(disk, "simple", refusing);
    const length = SMALL_WRITE_BYTES + 512;
    const write = Buffer.concat([headOf({ command: Command.write, length }, "simple"), pattern(length, 1)]);
    await channel.arrive([write.subarray(0, length / 2)]);
    const closed = transmission.close();
    await channel.arrive([write.subarray(length / 2)]);
    expect(channel.sent.map((reply) => reply.readUInt32BE(4))).toEqual([Errno.ESHUTDOWN]);
    channel.destroy();
    await closed;
    expect(disk.started).toEqual([]);
  });

  it.each(forms)("says so in replies as they were agreed on (%s)", async (form) => {
    const { channel, transmission } = converse(new FakeDisk(), form, refusing);
    const closed = transmission.close();
    await channel.arrive([headOf({ command: Command.read, length: 512 }, form)]);
    const sent = Buffer.concat(channel.sent);
    if (form === "simple") expect(sent.readUInt32BE(4)).toBe(Errno.ESHUTDOWN);
    else {
      expect(sent.readUInt32BE(0)).toBe(form === "extended" ? 0x6e8a278c : 0x668e33ef);
      expect([sent.readUInt16BE(4), sent.readUInt16BE(6)]).toEqual([1, Chunk.error]);
      expect(sent.readUInt32BE(form === "extended" ? 32 : 20)).toBe(Errno.ESHUTDOWN);
    }
    channel.destroy();
    await closed;
  });
});
