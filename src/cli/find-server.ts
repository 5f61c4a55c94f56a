import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CodedError } from "../contract/index.ts";
import { dataDirOf } from "../kernel/environment.ts";
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
  host: Pick<CliHost, "env">,
): Promise<FoundServer> => {
  if (url) return { url, token: token ?? null };
  const dataDir = dataDirOf(host.env, data);
  const found = await readServerFile(dataDir);
  if (!found) throw new CodedError("server-not-running", { dataDir });
  return { url: found.url, token: token ?? (await storedToken(dataDir)), dataDir };
};

const storedToken = (dataDir: string): Promise<string | null> =>
  readFile(join(dataDir, "token"), "utf8").then(
    (text) => text.trim(),
    () => null,
  );

/** Whether the call never got to a server. */
export const isUnreachable = (error: unknown): boolean =>
  CodedError.is(error, "server-unreachable") || (error instanceof Error && isUnreachable(error.cause));
