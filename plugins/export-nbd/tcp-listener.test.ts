import { closeSync, readFileSync } from "node:fs";
import { connect as connectSocket } from "node:net";
import { CodedError, type ExportAttachment, type ExportDirectory, type SharedListener } from "pagurus";
import { native } from "pagurus/native";
import { FakeDisk, nbdExports } from "pagurus/testing";
import { describe, expect, it, vi } from "vitest";
import type { NbdExport } from "./nbd-export.ts";
import { exportsUnderTest, pattern, uriOf } from "./testing/exports-under-test.ts";
import { headOf } from "./testing/request-bytes.ts";

const { attach, closing, connect, exportWith } = exportsUnderTest();

/** In how many seconds the kernel asks the far ends of a local port's connections for a sign of life; 0: never. */
const keptAliveIn = (port: number): readonly number[] => {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return readFileSync("/proc/net/tcp", "utf8")
    .split("\n")
    .map((line) => line.trim().split(/ +/))
    .filter(([, from, , state]) => from === local && state === "01")
    .map(([, , , , , timer = ""]) => timer.split(":"))
    .map(([kind, hundredths = ""]) => (kind === "02" ? Number.parseInt(hundredths, 16) / 100 : 0));
};

describe("the TCP port", () => {
  const web = new FakeDisk({ disk: "d1", name: "web" });
  const disks = [web, new FakeDisk({ disk: "d2", name: "db" })];

  const listenOn = async (nbd: NbdExport, handOver: ExportDirectory["handOver"]): Promise<SharedListener> => {
    const listener = await nbd.listen?.({ list: () => disks, handOver });
    if (listener === undefined) throw new Error("the export has no port");
    return closing(listener);
  };
  const serve = async (): Promise<SharedListener> => {
    const nbd = exportWith({ listen: "127.0.0.1:0" });
    const attachments = new Map<string, ExportAttachment>();
    for (const disk of disks) attachments.set(disk.disk, await attach(disk, nbd));
    return listenOn(nbd, async (disk, fd, negotiated) =>
      attachments.get(disk)?.adopt?.(fd, JSON.parse(JSON.stringify(negotiated))),
    );
  };

  it("serves every disk by its name, through a connection handed over", async () => {
    const listener = await serve();
    for (const [n, disk] of disks.entries()) {
      const uri = uriOf({ addresses: listener.addressesOf(disk) });
      expect(await nbdExports(uri)).toEqual(["web", "db"]);
      const client = await connect(uri);
      await client.write(0, pattern(256 * 1024, n));
      expect((await client.read(0, 256 * 1024)).equals(pattern(256 * 1024, n))).toBe(true);
      expect(disk.content.subarray(0, 4096)).toEqual(pattern(4096, n));
      await client.disconnect();
    }
  });

  it("loses nothing that a client sent in one go with its choice", async () => {
    const listener = await serve();
    const { port } = new URL(uriOf({ addresses: listener.addressesOf(web) }));
    const choice = Buffer.from("\0\0\0\x03IHAVEOPT\0\0\0\x07\0\0\0\x09\0\0\0\x03web\0\0", "latin1");
    const read = headOf({ command: 0, handle: 4242, length: 512 }, "simple");
    const socket = connectSocket(Number(port), "127.0.0.1");
    socket.write(Buffer.concat([choice, read]));
    const chunks: Buffer[] = [];
    for await (const chunk of socket) {
      chunks.push(chunk);
      const all = Buffer.concat(chunks);
      const reply = all.subarray(all.length - 528);
      if (all.length > 528 && reply.readUInt32BE(0) === 0x67446698 && reply.readUInt32BE(12) === 4242) break;
    }
    expect(Buffer.concat(chunks).subarray(-512).equals(web.content.subarray(0, 512))).toBe(true);
  });

  it("ends a connection that can't be handed over: nobody would ever answer", async () => {
    const copies: number[] = [];
    const listener = await listenOn(exportWith({ listen: "127.0.0.1:0" }), async (_disk, fd) => {
      copies.push(fd);
      throw new CodedError("disk-closed", { disk: "web" });
    });
    const client = await connect(uriOf({ addresses: listener.addressesOf(web) }));
    await expect(client.read(0, 512)).rejects.toThrow();
    for (const fd of copies) closeSync(fd);
  });

  it.runIf(process.platform === "linux")(
    "asks a far end that falls silent for a sign of life after half a minute, in its handshake and at its disk",
    async () => {
      const listener = await serve();
      const uri = uriOf({ addresses: listener.addressesOf(web) });
      const port = Number(new URL(uri).port);
      const inTime = expect.toSatisfy((seconds: number) => seconds > 0 && seconds <= 30);
      const shaking = connectSocket(port, "127.0.0.1");
      // Until what was sent is acknowledged the kernel waits for that instead.
      await vi.waitFor(() => expect(keptAliveIn(port)).toEqual([inTime]), 9000);
      shaking.destroy();
      await vi.waitFor(() => expect(keptAliveIn(port)).toEqual([]), 9000);
      await connect(uri);
      await vi.waitFor(() => expect(keptAliveIn(port)).toEqual([inTime]), 9000);
    },
  );

  it("has no default among several disks, and names what is not there", async () => {
    const listener = await serve();
    const uri = uriOf({ addresses: listener.addressesOf(web) });
    for (const name of ["", "nope"])
      await expect(connect(uri.replace(/web$/, name))).rejects.toMatchObject({ code: "export-not-found" });
  });

  it("is refused where it is taken, and where sockets can't be handed over", async () => {
    const listener = await serve();
    const { port } = new URL(uriOf({ addresses: listener.addressesOf(web) }));
    const directory = { list: () => [], handOver: async () => {} };
    await expect(exportWith({ listen: `127.0.0.1:${port}` }).listen?.(directory)).rejects.toMatchObject({
      code: "export-listen-failed",
    });
    const clumsy = {
      ...native,
      dup: (): number => {
        throw new CodedError("native-unavailable", { operation: "dup", reason: "a test" });
      },
    };
    const nbd = exportWith({ listen: "127.0.0.1:0" }, { native: clumsy });
    await expect(nbd.listen?.(directory)).rejects.toMatchObject({ code: "export-listen-failed" });
  });
});
