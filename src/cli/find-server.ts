import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CodedError } from "../contract/index.ts";
import { dataDirOf } from "./data-dir.ts";
import type { GlobalOptions } from "./global-options.ts";
import type { CliHost } from "./host.ts";
import { readServerFile } from "./server-file.ts";

export interface FoundServer {
  readonly url: string;
  readonly token: string | null;
  /** Its data directory, where it was found by its file. */
  readonly dataDir?: string;
}

/**
 * The server that was named, else the one that the data directory's `server.json` tells of. The local server's token
 * goes to no other.
 */
export const findServer = async (
  { url, token, data }: GlobalOptions,
  host: Pick<CliHost, "env" | "home">,
): Promise<FoundServer> => {
  if (url) return { url, token: token ?? null };
  const dataDir = dataDirOf(data, host);
  const found = await readServerFile(dataDir);
  if (!found) throw new CodedError("server-not-running", { dataDir });
  return { url: found.url, token: token ?? (await storedToken(dataDir)), dataDir };
};

const storedToken = (dataDir: string): Promise<string | null> =>
  readFile(join(dataDir, "token"), "utf8").then(
    (text) => text.trim(),
    () => null,
  );

/** Whether nobody listens where the call went. */
export const isRefused = (error: unknown): boolean => {
  if (typeof error !== "object" || error === null) return false;
  if ("code" in error && error.code === "ECONNREFUSED") return true;
  if ("errors" in error && Array.isArray(error.errors) && error.errors.some(isRefused)) return true;
  return "cause" in error && isRefused(error.cause);
};
