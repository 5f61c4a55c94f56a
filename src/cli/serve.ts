import { mkdir } from "node:fs/promises";
import type { Server } from "node:http";
import { join } from "node:path";
import { createAdaptorServer } from "@hono/node-server";
import { CodedError, type Engine, reasonOf } from "../contract/index.ts";
import { createEdge } from "../edge/index.ts";
import { type ListenAddress, parseListenAddress, urlOf } from "./listen-address.ts";
import { openEngine } from "./open-engine.ts";
import { removeServerFile, writeServerFile } from "./server-file.ts";

export interface ServeOptions {
  /** Absolute; made, for its owner only, where it is missing. */
  readonly dataDir: string;
  readonly configPath?: string;
  /** `host:port`; port 0 takes any free one. */
  readonly listen: string;
  /** `host:port` of the NBD port over TCP; without it there is none. */
  readonly nbd?: string;
  readonly version: string;
}

export interface ServeHooks {
  /** Makes the engine; by default the whole one, over the data directory. */
  readonly openEngine?: (options: ServeOptions) => Promise<Engine>;
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
  const address = parseListenAddress(options.listen);
  await makeDataDir(dataDir);
  const engine = await (hooks.openEngine ?? openEngine)(options);
  try {
    const http = await listen(engine, address, options.version);
    const ours = { url: urlOf({ ...address, port: portOf(http) }), pid: process.pid };
    await writeServerFile(dataDir, ours);
    const stop = once(async () => {
      const closed = new Promise<void>((resolve) => http.close(() => resolve()));
      await engine.close();
      http.closeAllConnections();
      await closed;
      await removeServerFile(dataDir, ours);
    });
    return { url: ours.url, tokenFile: join(dataDir, "token"), engine, stop };
  } catch (error) {
    await engine.close().catch(() => undefined);
    throw error;
  }
};

const makeDataDir = (dataDir: string): Promise<unknown> =>
  mkdir(dataDir, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw new CodedError("data-dir-unusable", { dataDir, reason: reasonOf(cause) });
  });

const listen = async (engine: Engine, address: ListenAddress, version: string): Promise<Server> => {
  const edge = createEdge(engine, await engine.functions(), { version, allowedHosts: [address.host] });
  const http = createAdaptorServer({ fetch: edge.fetch }) as Server;
  await new Promise<void>((resolve, reject) => {
    http.once("error", (cause) => {
      const at = urlOf(address);
      reject(new CodedError("server-listen-failed", { address: at, reason: reasonOf(cause) }));
    });
    http.listen(address.port, address.host, resolve);
  });
  return http;
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
