import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CodedError, type ExportAttachment, type ExportedDisk, type Log, type Metrics } from "pagurus";
import { native } from "pagurus/native";
import { NbdClient, type NbdClientOptions } from "pagurus/testing";
import { afterEach, beforeEach } from "vitest";
import { NbdConfig } from "../config.ts";
import { NbdExport, type NbdExportOptions } from "../nbd-export.ts";

export const MiB = 1024 * 1024;

const log: Log = { debug() {}, info() {}, warn() {}, error() {} };
const metrics: Metrics = { counter: () => ({ add() {} }), gauge: () => ({ set() {} }) };

export const uriOf = ({ addresses }: Pick<ExportAttachment, "addresses">): string => addresses[0]?.uri ?? "";

export const socketPathOf = (uri: string): string => new URL(uri).searchParams.get("socket") ?? "";

/** `none`, an NBD error's name, or whatever else went wrong. */
export const errnoOf = (pending: Promise<unknown>): Promise<unknown> =>
  pending.then(
    () => "none",
    (error: unknown) => (CodedError.is(error, "nbd-error") ? error.data["errno"] : error),
  );

/** Bytes of which no two neighbours are alike. */
export const pattern = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, at) => (at * 31 + seed) & 0xff);

/** Real exports with real clients, in a folder of each test's own; all are gone when it ends. */
export const exportsUnderTest = () => {
  let dataDir = "";
  const open: { close(): Promise<void> }[] = [];
  const clients: NbdClient[] = [];

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "nbd-"));
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    for (const one of open.splice(0)) await one.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  const exportWith = (config: Partial<NbdConfig> = {}, other: Partial<NbdExportOptions> = {}): NbdExport =>
    new NbdExport({
      id: "nbd",
      config: NbdConfig.parse(config),
      dataDir,
      log,
      native,
      metrics,
      ...other,
    });
  const closing = <T extends { close(): Promise<void> }>(one: T): T => {
    open.push(one);
    return one;
  };
  return {
    get dataDir() {
      return dataDir;
    },
    exportWith,
    /** Has it closed when the test ends. */
    closing,
    attach: async (disk: ExportedDisk, nbd = exportWith()): Promise<ExportAttachment> =>
      closing(await nbd.attach(disk)),
    connect: async (uri: string, options: NbdClientOptions = {}): Promise<NbdClient> => {
      const client = await NbdClient.connect(uri, options);
      clients.push(client);
      return client;
    },
  };
};
