import { mkdir } from "node:fs/promises";
import type { Server } from "node:http";
import { join } from "node:path";
import { createAdaptorServer } from "@hono/node-server";
import { CodedError, type Engine, reasonOf } from "../contract/index.ts";
import { createEdge } from "../edge/index.ts";
import { parseListenAddress, urlOf } from "./listen-address.ts";
import { type OpenedEngine, openEngine } from "./open-engine.ts";
import type { ServeOptions } from "./serve-options.ts";
import { removeServerFile, writeServerFile } from "./server-file.ts";

export interface ServeHooks {
  /** Starts the engine; by default the whole one, over the data directory. */
  readonly openEngine?: (options: ServeOptions) => Promise<OpenedEngine>;
}

export interface RunningServer {
  readonly url: string;
  readonly tokenFile: string;
  readonly engine: Engine;
  /** Refuses new connections, ends what runs, then the rest; done when everything is released. */
  stop(): Promise<void>;
}

/** Starts an engine and serves it over HTTP; when it resolves, calls are answered and `server.json` tells where. */
export const serve = async (options: ServeOptions, hooks: ServeHooks = {}): Promise<RunningServer> => {
  const { dataDir } = options;
  if (options.listen !== undefined) parseListenAddress(options.listen);
  await makeDataDir(dataDir);
  const opened = await (hooks.openEngine ?? openEngine)(options);
  const { engine } = opened;
  try {
    const { http, url } = await listen(opened, options.version);
    const ours = { url, pid: process.pid };
    await writeServerFile(dataDir, ours);
    const stop = once(async () => {
      const closed = new Promise<void>((resolve) => http.close(() => resolve()));
      await engine.close();
      http.closeAllConnections();
      await closed;
      await removeServerFile(dataDir, ours);
    });
    return { url, tokenFile: join(dataDir, "token"), engine, stop };
  } catch (error) {
    await engine.close().catch(() => undefined);
    throw error;
  }
};

const makeDataDir = (dataDir: string): Promise<unknown> =>
  mkdir(dataDir, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw new CodedError("data-dir-unusable", { dataDir, reason: reasonOf(cause) });
  });

const listen = async ({ engine, server, codebook }: OpenedEngine, version: string) => {
  const address = parseListenAddress(server.listen);
  const { allowedHosts, allowedOrigins, bodyLimitBytes } = server;
  const edge = createEdge(engine, await engine.functions(), {
    version,
    allowedHosts: [...allowedHosts, new URL(urlOf(address)).hostname],
    allowedOrigins,
    bodyLimitBytes,
    codebook,
  });
  const http = createAdaptorServer({ fetch: edge.fetch }) as Server;
  await new Promise<void>((resolve, reject) => {
    http.once("error", (cause) => {
      reject(new CodedError("server-listen-failed", { address: server.listen, reason: reasonOf(cause) }));
    });
    http.listen(address.port, address.host, resolve);
  });
  return { http, url: urlOf({ ...address, port: portOf(http) }) };
};

const portOf = (http: Server): number => {
  const at = http.address();
  return typeof at === "object" && at !== null ? at.port : 0;
};

const once = (work: () => Promise<void>): (() => Promise<void>) => {
  let done: Promise<void> | undefined;
  return () => {
    done ??= work();
    return done;
  };
};
