import { closeSync } from "node:fs";
import type { AddressInfo, Server, Socket } from "node:net";
import { type ExportDirectory, type Log, reasonOf, type SharedListener } from "pagurus";
import { fdOf, type NativeCalls } from "./channel.ts";
import { handedOver } from "./disk-connections.ts";
import { type Choice, Handshake } from "./handshake.ts";
import { Handshakes } from "./handshakes.ts";
import { LINGER_MS, MAX_HANDSHAKES } from "./limits.ts";
import { listenFailed } from "./listen-failed.ts";
import { listening } from "./listening.ts";
import { hostAndPort, tcpUri } from "./uri.ts";

/** Refuses at once what would fail with every client: descriptors can't be duplicated on every platform. */
const proveHandOver = (server: Server, native: NativeCalls): void => {
  const fd = fdOf(server);
  if (fd !== undefined) closeSync(native.dup(fd));
};

/** One TCP port for all disks: negotiates, then hands the connected socket to the disk's thread. */
export class TcpListener implements SharedListener {
  readonly #directory: ExportDirectory;
  readonly #readOnly: boolean;
  readonly #native: NativeCalls;
  readonly #log: Log;
  readonly #handshakes = new Handshakes(MAX_HANDSHAKES);
  #server: Server | undefined;
  #host = "";
  #port = 0;

  private constructor(directory: ExportDirectory, readOnly: boolean, native: NativeCalls, log: Log) {
    this.#directory = directory;
    this.#readOnly = readOnly;
    this.#native = native;
    this.#log = log;
  }

  /** `export-listen-failed`. */
  static async open(
    exportId: string,
    { listen, readOnly }: { readonly listen: string; readonly readOnly: boolean },
    directory: ExportDirectory,
    native: NativeCalls,
    log: Log,
  ): Promise<TcpListener> {
    const listener = new TcpListener(directory, readOnly, native, log);
    try {
      await listener.#listen(hostAndPort(listen));
    } catch (cause) {
      await listener.close();
      throw listenFailed(exportId, listen, cause);
    }
    return listener;
  }

  addressesOf({ name }: { readonly name: string }): readonly { readonly uri: string }[] {
    return [{ uri: tcpUri(name, this.#host, this.#port) }];
  }

  async close(): Promise<void> {
    const server = this.#server;
    const closed = server?.listening ? new Promise((resolve) => server.close(resolve)) : undefined;
    await Promise.all([this.#handshakes.shutDown(), closed]);
  }

  async #listen({ host, port }: { host: string; port: number }): Promise<void> {
    const options = host === "" ? { port } : { host, port };
    this.#server = await listening(options, (socket) => this.#accept(socket));
    this.#host = host;
    this.#port = (this.#server.address() as AddressInfo).port;
    proveHandOver(this.#server, this.#native);
  }

  #accept(accepted: Socket): void {
    const handshake: Handshake = new Handshake(
      { accepted },
      this.#native,
      { exports: () => this.#directory.list(), readOnly: this.#readOnly },
      (choice) => {
        this.#handOver(handshake, choice);
        return false;
      },
    );
    this.#handshakes.begin(handshake);
  }

  /**
   * Nothing is read any more. The last answer must have left before the other thread writes to the socket. Ours is kept
   * until that has taken it: a client whose disk is gone must be told so, or it waits for answers for ever.
   */
  #handOver({ channel }: Handshake, choice: Choice): void {
    channel.whenSent(() => {
      const { fd } = channel;
      const { disk } = choice.entry;
      const lost = (error: unknown) => {
        this.#log.warn("a client could not be handed to its disk", { disk, reason: reasonOf(error) });
        // Whoever may still have the copy: the connection itself ends.
        channel.end(LINGER_MS);
      };
      try {
        if (fd === undefined) return;
        const copy = this.#native.dup(fd);
        this.#directory.handOver(disk, copy, handedOver(choice)).then(() => channel.destroy(), lost);
      } catch (error) {
        lost(error);
      }
    });
  }
}
