import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { native } from "pagurus/native";
import type { DiskExport, ExportedDisk, Plugin } from "../../../contract/index.ts";
import { changed } from "../changed.ts";
import { overNbd } from "./over.ts";
import { type Message, MessageCutter } from "./over-wire-messages.ts";

/** One client, and the sound export on the other side. */
export interface Wire {
  readonly client: Socket;
  readonly server: Socket;
}

/** What happens on the way between a client and a sound export. */
export interface WireFaults {
  /** What goes on instead of a message; `undefined`: nothing. */
  readonly message?: (message: Message, wire: Wire, disk: ExportedDisk) => Buffer | undefined;
  /** The client has sent what is neither an option nor a request. */
  readonly garbage?: (wires: ReadonlySet<Wire>) => void;
  /** What goes on when the client has ended with this of a message sent. */
  readonly rest?: (bytes: Buffer) => Buffer;
  /** Requests are taken however many wait. */
  readonly takesAll?: boolean;
  /** Answers are taken however many wait. */
  readonly answersAll?: boolean;
  /** What a client has left behind goes on all the same. */
  readonly outlivesClients?: boolean;
  /** Clients are hung up on before the export is closed. */
  readonly hangsUpFirst?: boolean;
}

/** The part of a socket that Node has had for ever without documenting it. */
const isThere = (socket: Socket): boolean => {
  const { _handle: handle } = socket as { _handle?: { readonly fd?: number } | null };
  return handle?.fd !== undefined && handle.fd >= 0 && (native.peerAlive(handle.fd) ?? true);
};

/** Ends a client's way while nothing is read from it: only the kernel knows then that it is gone. */
const watchWhilePaused = ({ client, server }: Wire): void => {
  if (!client.isPaused() || client.destroyed) return;
  if (isThere(client)) setImmediate(() => watchWhilePaused({ client, server }));
  else server.destroy();
};

const forward = (from: Socket, to: Socket, bytes: Uint8Array): boolean => {
  if (to.destroyed || to.write(bytes)) return true;
  if (!from.isPaused()) to.once("drain", () => from.resume());
  from.pause();
  return false;
};

/** What a client's way is one of. */
interface Around {
  readonly disk: ExportedDisk;
  readonly wires: Set<Wire>;
  /** The client has asked for a disk: the next that the export connects is this one. */
  readonly chosen: () => void;
}

/** A client's way to the sound export, with the faults on it. */
const tamper = (wire: Wire, faults: WireFaults, { disk, wires, chosen }: Around): void => {
  const { client, server } = wire;
  const cutter = new MessageCutter();
  const take = (message: Message) => {
    if (message.kind === "garbage") faults.garbage?.(wires);
    if (message.chooses) chosen();
    const bytes = faults.message ? faults.message(message, wire, disk) : message.bytes;
    if (!bytes) return;
    if (faults.takesAll) server.write(bytes);
    else if (!forward(client, server, bytes) && !faults.outlivesClients) watchWhilePaused(wire);
  };
  wires.add(wire);
  client.on("data", (chunk) => {
    if (!faults.outlivesClients && !faults.rest && !isThere(client)) server.destroy();
    else for (const message of cutter.cut(chunk)) take(message);
  });
  server.on("data", (chunk) => {
    if (faults.answersAll) client.write(chunk);
    else forward(server, client, chunk);
  });
  client.once("end", () => {
    if (faults.rest) server.write(faults.rest(cutter.rest));
    client.end();
  });
  client.once("close", () => {
    wires.delete(wire);
    const leftBehind = (faults.rest || faults.outlivesClients) && server.writableLength > 0;
    if (leftBehind) server.end();
    else server.destroy();
  });
  server.once("end", () => client.end());
  server.once("close", () => client.destroy());
  for (const socket of [client, server]) socket.on("error", () => undefined);
};

/** A sound export behind a socket of its own that tampers with what goes through. */
const wired = (sound: DiskExport, dataDir: string, faults: WireFaults): Partial<DiskExport> => ({
  async attach(disk) {
    const choosing: Socket[] = [];
    const known = changed(disk, {
      connect(peer) {
        const client = choosing.shift();
        return disk.connect({
          alive: () => peer.alive() && (!client || isThere(client)),
        });
      },
    });
    const attached = await sound.attach(known);
    const uri = new URL(attached.addresses[0]?.uri ?? "");
    const soundPath = uri.searchParams.get("socket") ?? "";
    const path = join(dataDir, `${randomBytes(4).toString("hex")}.sock`);
    const wires = new Set<Wire>();
    const listener = createServer({ allowHalfOpen: true }, (client) => {
      const server = connect({ path: soundPath, allowHalfOpen: true });
      tamper({ client, server }, faults, { disk, wires, chosen: () => choosing.push(client) });
    });
    await new Promise<void>((resolve) => listener.listen(path, resolve));
    uri.searchParams.set("socket", path);
    return changed(attached, {
      addresses: [{ uri: uri.href }],
      async close() {
        listener.close();
        if (faults.hangsUpFirst) for (const { client } of wires) client.destroy();
        await attached.close();
        for (const { client } of wires) client.destroy();
        await rm(path, { force: true });
      },
    });
  },
});

/** Disks over NBD, with something on the wire. */
export const overWire = (faults: WireFaults): Plugin =>
  overNbd({ export: (sound, { dataDir }) => wired(sound, dataDir, faults) });
