import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { NbdClient } from "pagurus/testing";
import type { Lab, LabPart } from "../world.ts";
import { LocalServer } from "./local-server.ts";

const TRICKLE_MS = 50;
const READ_BYTES = 1024 * 1024;
const REQUESTS_AT_ONCE = 1024;
const GREETING_AND_CHOICE_BYTES = 18 + 10;

/** Clients without manners, all from this process. */
export class RudeClients implements LabPart {
  readonly #server: LocalServer;
  readonly #sockets: Socket[] = [];
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #served: NbdClient[] = [];
  #memoryBefore = 0;
  /** Of those who came with `crowd`. */
  turnedAway = 0;

  constructor(lab: Lab) {
    this.#server = lab.part(LocalServer);
  }

  get served(): number {
    return this.#served.length;
  }

  /** They send their options byte by byte, and never to the end. */
  async trickle(disk: string, count: number): Promise<void> {
    await this.#remember();
    const path = await this.#pathOf(disk);
    const bytes = Buffer.concat([Buffer.from([0, 0, 0, 3]), Buffer.from("IHAVEOPT"), Buffer.alloc(8, 1)]);
    for (let n = 0; n < count; n++) {
      const socket = await this.#connect(path);
      socket.resume();
      let sent = 0;
      const timer = setInterval(() => {
        if (socket.writable) socket.write(bytes.subarray(sent, ++sent));
        if (sent === bytes.length) clearInterval(timer);
      }, TRICKLE_MS);
      this.#timers.push(timer);
    }
  }

  /** One asks for so much, in reads of 1 MiB, and takes none of it; resolves when the server reads no more of it. */
  async greedy(disk: string, bytes: number): Promise<void> {
    await this.#remember();
    const socket = await this.#connect(await this.#pathOf(disk));
    const name = Buffer.from(disk);
    const option = Buffer.alloc(20);
    option.writeUInt32BE(3);
    option.write("IHAVEOPT", 4, "latin1");
    option.writeUInt32BE(1, 12);
    option.writeUInt32BE(name.length, 16);
    socket.write(Buffer.concat([option, name]));
    await this.#take(socket, GREETING_AND_CHOICE_BYTES);
    const request = Buffer.alloc(28);
    request.writeUInt32BE(0x25609513);
    request.writeUInt32BE(READ_BYTES, 24);
    const many = Buffer.concat(new Array<Buffer>(REQUESTS_AT_ONCE).fill(request));
    for (let asked = 0; asked < bytes; asked += REQUESTS_AT_ONCE * READ_BYTES) if (!socket.write(many)) break;
  }

  /** They come all at once and negotiate as they should. */
  async crowd(disk: string, count: number): Promise<void> {
    await this.#remember();
    const uri = await this.#server.uriOf(disk);
    const came = await Promise.allSettled(Array.from({ length: count }, () => NbdClient.connect(uri)));
    for (const client of came)
      if (client.status === "fulfilled") this.#served.push(client.value);
      else this.turnedAway++;
  }

  leave(): void {
    for (const timer of this.#timers) clearInterval(timer);
    for (const socket of this.#sockets) socket.destroy();
    for (const client of this.#served) client.destroy();
  }

  /** By how much the server's resident memory has grown since the first of them came. */
  async memoryGrowthBytes(): Promise<number> {
    return (await this.#memory()) - this.#memoryBefore;
  }

  async end(): Promise<void> {
    this.leave();
  }

  async #remember(): Promise<void> {
    this.#memoryBefore = await this.#memory();
  }

  async #memory(): Promise<number> {
    const status = await readFile(`/proc/${this.#server.pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
  }

  async #pathOf(disk: string): Promise<string> {
    return new URL(await this.#server.uriOf(disk)).searchParams.get("socket") ?? "";
  }

  async #connect(path: string): Promise<Socket> {
    const socket = connect(path);
    // Being turned away is no failure of the scenario.
    socket.on("error", () => undefined);
    this.#sockets.push(socket);
    await once(socket, "connect");
    return socket;
  }

  async #take(socket: Socket, bytes: number): Promise<void> {
    for (let got = 0; got < bytes; ) {
      const some: Buffer | null = socket.read();
      if (some === null) await once(socket, "readable");
      else got += some.length;
    }
  }
}
