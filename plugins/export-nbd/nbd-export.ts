import { join } from "node:path";
import type {
  Capabilities,
  Counter,
  DiskExport,
  ExportAttachment,
  ExportDirectory,
  ExportedDisk,
  Log,
  Metrics,
  SharedListener,
} from "pagurus";
import { threadAlertness } from "./alertness.ts";
import { BufferPool } from "./buffer-pool.ts";
import type { NativeCalls } from "./channel.ts";
import type { ClientRules, NbdConfig } from "./config.ts";
import { MAX_POOLED_BYTES } from "./limits.ts";
import type { Shared } from "./shared.ts";
import type { SocketFolder } from "./socket-place.ts";
import { TcpListener } from "./tcp-listener.ts";
import { attachDisk } from "./unix-listener.ts";
import { zeroPiece } from "./zeroes.ts";

/** What an export is made with. */
export interface NbdExportOptions {
  readonly id: string;
  readonly config: NbdConfig;
  readonly dataDir: string;
  readonly log: Log;
  readonly native: NativeCalls;
  readonly metrics: Metrics;
}

/** Disks over the NBD protocol. The same object serves in either plane: nothing is opened before it is asked for. */
export class NbdExport implements DiskExport {
  readonly id: string;
  readonly capabilities: Capabilities;
  readonly listen?: (directory: ExportDirectory) => Promise<SharedListener>;
  readonly #folder: SocketFolder;
  readonly #native: NativeCalls;
  readonly #log: Log;
  readonly #rules: ClientRules;
  readonly #clients: Counter;
  #shared: Shared | undefined;

  constructor({ id, config, dataDir, log, native, metrics }: NbdExportOptions) {
    this.id = id;
    this.#native = native;
    this.#log = log;
    this.#rules = config;
    this.capabilities = {
      writable: !config.readOnly,
      "many-clients": config.maxConnections > 1,
      "shared-address": config.listen !== undefined,
    };
    this.#clients = metrics.counter(
      "pagurus_nbd_clients_total",
      "NBD clients that chose an export, by the form of their messages",
      ["form"],
    );
    this.#folder =
      config.sockets === undefined
        ? { path: join(dataDir, "run"), ours: true }
        : { path: config.sockets, ours: false };
    const { listen, readOnly } = config;
    if (listen !== undefined)
      this.listen = (directory) => TcpListener.open(id, { listen, readOnly }, directory, native, log);
  }

  attach(disk: ExportedDisk): Promise<ExportAttachment> {
    this.#shared ??= {
      pool: new BufferPool(MAX_POOLED_BYTES),
      alertness: threadAlertness(),
      zeroes: zeroPiece(),
      log: this.#log,
      rules: this.#rules,
      clients: this.#clients,
    };
    return attachDisk(this.id, disk, this.#folder, this.#native, this.#shared);
  }
}
