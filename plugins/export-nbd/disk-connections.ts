import { closeSync } from "node:fs";
import type { Socket } from "node:net";
import { type ExportedDisk, type JsonObject, reasonOf, z } from "pagurus";
import { type NativeCalls, type Receiver, SocketChannel } from "./channel.ts";
import { type Choice, Handshake } from "./handshake.ts";
import { Handshakes } from "./handshakes.ts";
import type { Negotiated } from "./negotiated.ts";
import type { Shared } from "./shared.ts";
import { Transmission } from "./transmission.ts";

/** What crosses to the disk's thread with a connected socket. */
const HandedOver = z.strictObject({
  form: z.enum(["simple", "structured", "extended"]),
  sizeBytes: z.int(),
  contexts: z.int(),
  readOnly: z.boolean(),
  rest: z.base64(),
});

/** A choice in the form in which it crosses threads. */
export const handedOver = ({ negotiated, rest }: Choice): JsonObject => ({
  ...negotiated,
  rest: rest.toString("base64"),
});

/** Gives Node a first place to read to, until the transmission is there in the same turn. */
const nobody: Receiver = { room: () => Buffer.alloc(4096), received: () => false, hungUp: () => {} };

/** The clients of one disk, in its thread: accepted here, or negotiated elsewhere and handed over. */
export class DiskConnections {
  readonly #disk: ExportedDisk;
  readonly #native: NativeCalls;
  readonly #shared: Shared;
  readonly #handshakes: Handshakes;
  readonly #transmissions = new Set<Transmission>();
  #closed = false;
  /** Clients were turned away, and it was told, since one was let in. */
  #toldFull = false;

  constructor(disk: ExportedDisk, native: NativeCalls, shared: Shared) {
    this.#disk = disk;
    this.#native = native;
    this.#shared = shared;
    this.#handshakes = new Handshakes(shared.rules.maxConnections);
  }

  /** A fresh connection, nothing of it read yet. */
  accept(accepted: Socket): void {
    if (this.#full("accepted")) {
      accepted.destroy();
      return;
    }
    const handshake: Handshake = new Handshake(
      { accepted },
      this.#native,
      { exports: () => [this.#disk], readOnly: this.#shared.rules.readOnly },
      ({ negotiated, rest }) => {
        this.#handshakes.end(handshake);
        // Others may have come in since it was accepted.
        if (!this.#full("negotiated")) return this.#serve(handshake.channel, negotiated, rest);
        handshake.channel.destroy();
        return false;
      },
    );
    this.#handshakes.begin(handshake);
  }

  /** A connection that was negotiated elsewhere; owns `fd` from the call on. */
  adopt(fd: number, handed: JsonObject): void {
    if (this.#full("handed over")) {
      closeSync(fd);
      return;
    }
    const opened = this.#open(fd, handed);
    if (opened === undefined) return;
    const { channel, negotiated, rest } = opened;
    if (this.#serve(channel, negotiated, rest)) channel.resume();
  }

  /** Ends every connection; resolves when what they had started has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    const transmissions = [...this.#transmissions].map((transmission) => transmission.close());
    await Promise.all([this.#handshakes.shutDown(), ...transmissions]);
  }

  #open(fd: number, handed: JsonObject) {
    try {
      const { rest, ...negotiated } = HandedOver.parse(handed);
      const channel = new SocketChannel({ fd }, nobody, this.#native);
      return { channel, negotiated, rest: Buffer.from(rest, "base64") };
    } catch (error) {
      this.#shared.log.warn("a connection handed over could not be used", { reason: reasonOf(error) });
      closeSync(fd);
      return undefined;
    }
  }

  #full(how: string): boolean {
    const clients = this.#transmissions.size;
    if (clients < this.#shared.rules.maxConnections && !this.#closed) return false;
    if (!this.#toldFull)
      this.#shared.log.warn("a client was turned away; others are without a word until one is let in", {
        disk: this.#disk.disk,
        how,
        clients,
        maxConnections: this.#shared.rules.maxConnections,
      });
    this.#toldFull = true;
    return true;
  }

  #serve(channel: SocketChannel, negotiated: Negotiated, rest: Uint8Array): boolean {
    const transmission = new Transmission(channel, this.#disk, negotiated, this.#shared);
    this.#transmissions.add(transmission);
    this.#shared.clients.add(1, { form: negotiated.form });
    this.#toldFull = false;
    void transmission.ended.then(() => this.#transmissions.delete(transmission));
    channel.receiver = transmission;
    return transmission.begin(rest);
  }
}
