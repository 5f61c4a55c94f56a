import { closeSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { connect as connectSocket, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExportAttachment, ExportedDisk, Log, Metrics, SharedListener } from "pagurus";
import { CodedError } from "pagurus";
import { native } from "pagurus/native";
import { FakeDisk, NbdClient, type NbdClientOptions, type NbdForm, nbdExports } from "pagurus/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { NbdConfig } from "./config.ts";
import { HANDSHAKE_TIMEOUT_MS, MAX_REQUESTS_IN_FLIGHT } from "./limits.ts";
import { NbdExport } from "./nbd-export.ts";

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };
const uncounted: Metrics = { counter: () => ({ add() {} }), gauge: () => ({ set() {} }) };
const MiB = 1024 * 1024;

let dataDir: string;
const toClose: { close(): Promise<void> }[] = [];
const clients: NbdClient[] = [];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "nbd-"));
});
afterEach(async () => {
  vi.useRealTimers();
  for (const client of clients.splice(0)) client.destroy();
  for (const open of toClose.splice(0)) await open.close();
  await rm(dataDir, { recursive: true, force: true });
});

const exportWith = (config: Partial<NbdConfig> = {}, dir = dataDir, log = quiet) =>
  new NbdExport({
    id: "nbd",
    config: NbdConfig.parse(config),
    dataDir: dir,
    log,
    native,
    metrics: uncounted,
  });

const attach = async (disk: ExportedDisk, nbd = exportWith()): Promise<ExportAttachment> => {
  const attachment = await nbd.attach(disk);
  toClose.push(attachment);
  return attachment;
};

const uriOf = ({ addresses }: Pick<ExportAttachment, "addresses">): string => addresses[0]?.uri ?? "";

const connect = async (uri: string, options: NbdClientOptions = {}): Promise<NbdClient> => {
  const client = await NbdClient.connect(uri, options);
  clients.push(client);
  return client;
};

const errnoOf = async (pending: Promise<unknown>): Promise<unknown> =>
  pending.then(
    () => "none",
    (error: unknown) => (CodedError.is(error, "nbd-error") ? error.data["errno"] : error),
  );

const pattern = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, at) => (at * 31 + seed) & 0xff);

const forms: readonly NbdForm[] = ["simple", "structured", "extended"];

describe.each(
  forms.flatMap((form) => [
    { async: false, form },
    { async: true, form },
  ]),
)("a disk (async: $async) over messages in the $form form", ({ async, form }) => {
  const open = async (options = {}) => {
    const disk = new FakeDisk({ async, sizeBytes: 8 * MiB, ...options });
    return { disk, client: await connect(uriOf(await attach(disk)), { form }) };
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
    const { client, disk } = await open();
    for (const length of [4096, 512 * 1024]) {
      const head = Buffer.alloc(28);
      head.writeUInt32BE(0x25609513, 0);
      head.writeUInt16BE(1, 6);
      head.writeUInt32BE(length, 24);
      const leaver = await connect(
        uriOf({ addresses: [{ uri: `nbd+unix:///web?socket=${join(dataDir, "run", "disk-1.sock")}` }] }),
      );
      const { size } = disk.peers;
      leaver.sendRaw(Buffer.concat([head, pattern(length - 1, 9)]));
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
    const client = await connect(uriOf(await attach(disk)));
    disk.hold();
    const many = MAX_REQUESTS_IN_FLIGHT * 2;
    const answers = Promise.all(
      Array.from({ length: many }, (_, n) => client.write(n * 512, pattern(512, n))),
    );
    await disk.until(() => disk.heldRequests === MAX_REQUESTS_IN_FLIGHT);
    const other = await connect(
      uriOf({ addresses: [{ uri: `nbd+unix:///web?socket=${join(dataDir, "run", "disk-1.sock")}` }] }),
    );
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
    const idle = connectSocket(new URL(uri).searchParams.get("socket") ?? "");
    await new Promise((resolve) => idle.once("data", resolve));
    const chosen = await connect(uri);
    vi.advanceTimersByTime(HANDSHAKE_TIMEOUT_MS);
    await new Promise((resolve) => idle.once("close", resolve));
    expect(await errnoOf(chosen.read(0, 512))).toBe("none");
  });

  it("that only hold a place in the handshake keep nobody out: the oldest goes for the newest", async () => {
    const uri = uriOf(await attach(new FakeDisk(), exportWith({ maxConnections: 2 })));
    const path = new URL(uri).searchParams.get("socket") ?? "";
    const idle = [1, 2, 3].map(() => connectSocket(path).resume());
    await new Promise((resolve) => idle[0]?.once("close", resolve));
    expect(await errnoOf((await connect(uri)).read(0, 512))).toBe("none");
    for (const socket of idle) socket.destroy();
  });

  it("one too many is turned away", async () => {
    const uri = uriOf(await attach(new FakeDisk(), exportWith({ maxConnections: 3 })));
    for (let n = 0; n < 3; n++) await connect(uri);
    await expect(connect(uri)).rejects.toMatchObject({ code: "peer-lost" });
    expect(await errnoOf((clients[0] as NbdClient).read(0, 512))).toBe("none");
  });
});

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
    expect(await readdir(join(dataDir, "run"))).toEqual([]);
    await expect(connect(uriOf(attachment))).rejects.toMatchObject({ code: "peer-lost" });
  });
});

describe("the unix socket", () => {
  it("is for its owner alone, and named by a URI that finds it", async () => {
    const disk = new FakeDisk({ name: "a.b-c_d" });
    const attachment = await attach(disk);
    expect((await stat(join(dataDir, "run"))).mode & 0o777).toBe(0o700);
    expect((await stat(join(dataDir, "run", "disk-1.sock"))).mode & 0o777).toBe(0o600);
    expect(await nbdExports(uriOf(attachment))).toEqual(["a.b-c_d"]);
  });

  it("takes the place of a dead server's, but not of a living one's nor of a file", async () => {
    const first = await attach(new FakeDisk());
    await expect(exportWith().attach(new FakeDisk())).rejects.toMatchObject({ code: "export-listen-failed" });
    expect(await nbdExports(uriOf(first))).toEqual(["web"]);
    const path = join(dataDir, "run", "other.sock");
    await writeFile(path, "");
    await expect(exportWith().attach(new FakeDisk({ disk: "other" }))).rejects.toMatchObject({
      code: "export-listen-failed",
    });
    await rm(path);
    await leaveDeadSocket(path);
    const second = await attach(new FakeDisk({ disk: "other", name: "db" }));
    expect(await nbdExports(uriOf(second))).toEqual(["db"]);
  });

  it("refuses a configured folder that others may enter", async () => {
    const sockets = join(dataDir, "shared");
    await mkdir(sockets);
    await chmod(sockets, 0o755);
    await expect(exportWith({ sockets }).attach(new FakeDisk())).rejects.toMatchObject({
      code: "export-listen-failed",
    });
    await chmod(sockets, 0o700);
    expect(await nbdExports(uriOf(await attach(new FakeDisk(), exportWith({ sockets }))))).toEqual(["web"]);
  });

  it("lies in a private folder where its path would be too long", async () => {
    const dir = join(dataDir, "x".repeat(100));
    await mkdir(dir);
    const attachment = await exportWith({}, dir).attach(new FakeDisk());
    const path = new URL(uriOf(attachment)).searchParams.get("socket") ?? "";
    expect(await nbdExports(uriOf(attachment))).toEqual(["web"]);
    expect((await stat(join(path, ".."))).mode & 0o777).toBe(0o700);
    await attachment.close();
    await expect(stat(join(path, ".."))).rejects.toMatchObject({ code: "ENOENT" });
  });
});

describe("the TCP port", () => {
  const disks = [new FakeDisk({ disk: "d1", name: "web" }), new FakeDisk({ disk: "d2", name: "db" })];

  const serve = async (): Promise<SharedListener> => {
    const nbd = exportWith({ listen: "127.0.0.1:0" });
    const attachments = new Map<string, ExportAttachment>();
    for (const disk of disks) attachments.set(disk.disk, await attach(disk, nbd));
    const listener = await nbd.listen?.({
      list: () => disks,
      handOver: async (disk, fd, negotiated) =>
        attachments.get(disk)?.adopt?.(fd, JSON.parse(JSON.stringify(negotiated))),
    });
    if (listener === undefined) throw new Error("no listener");
    toClose.push(listener);
    return listener;
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
    const { port } = new URL(uriOf({ addresses: listener.addressesOf(disks[0] as FakeDisk) }));
    const choice = Buffer.from("\0\0\0\x03IHAVEOPT\0\0\0\x07\0\0\0\x09\0\0\0\x03web\0\0", "latin1");
    const read = Buffer.alloc(28);
    read.writeUInt32BE(0x25609513, 0);
    read.writeUInt32BE(4242, 12);
    read.writeUInt32BE(512, 24);
    const socket = connectSocket(Number(port), "127.0.0.1");
    socket.write(Buffer.concat([choice, read]));
    const chunks: Buffer[] = [];
    for await (const chunk of socket) {
      chunks.push(chunk);
      const all = Buffer.concat(chunks);
      const reply = all.subarray(all.length - 528);
      if (all.length > 528 && reply.readUInt32BE(0) === 0x67446698 && reply.readUInt32BE(12) === 4242) break;
    }
    expect(
      Buffer.concat(chunks)
        .subarray(-512)
        .equals(disks[0]?.content.subarray(0, 512) ?? read),
    ).toBe(true);
  });

  it("ends a connection that can't be handed over: nobody would ever answer", async () => {
    const copies: number[] = [];
    const listener = await exportWith({ listen: "127.0.0.1:0" }).listen?.({
      list: () => disks,
      handOver: async (_disk, fd) => {
        copies.push(fd);
        throw new CodedError("disk-closed", { disk: "web" });
      },
    });
    if (listener === undefined) throw new Error("no listener");
    toClose.push(listener);
    const client = await connect(uriOf({ addresses: listener.addressesOf(disks[0] as FakeDisk) }));
    await expect(client.read(0, 512)).rejects.toThrow();
    for (const fd of copies) closeSync(fd);
  });

  it("has no default among several disks, and names what is not there", async () => {
    const listener = await serve();
    const uri = uriOf({ addresses: listener.addressesOf(disks[0] as FakeDisk) });
    for (const name of ["", "nope"])
      await expect(connect(uri.replace(/web$/, name))).rejects.toMatchObject({ code: "export-not-found" });
  });

  it("is refused where it is taken, and where sockets can't be handed over", async () => {
    const listener = await serve();
    const { port } = new URL(uriOf({ addresses: listener.addressesOf(disks[0] as FakeDisk) }));
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
    const config = NbdConfig.parse({ listen: "127.0.0.1:0" });
    const nbd = new NbdExport({ id: "nbd", config, dataDir, log: quiet, native: clumsy, metrics: uncounted });
    await expect(nbd.listen?.(directory)).rejects.toMatchObject({ code: "export-listen-failed" });
  });
});

/** A socket file that nobody listens on any more. */
const leaveDeadSocket = async (path: string): Promise<void> => {
  const aside = `${path}.aside`;
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(aside, resolve));
  await rename(aside, path);
  await new Promise((resolve) => server.close(resolve));
};
