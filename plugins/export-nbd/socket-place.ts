import { chmod, lstat, mkdir, mkdtemp, rm, stat, unlink } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CodedError } from "pagurus";
import { MAX_SOCKET_PATH_BYTES } from "./limits.ts";
import { listenFailed } from "./listen-failed.ts";

/** Where a disk's socket is made. Only this user may enter its folder. */
export interface SocketPlace {
  readonly path: string;
  /** Removes what was made for this socket alone. */
  remove(): Promise<void>;
}

/** The folder for all sockets. One that is `ours` is made private; else one that others may enter is refused. */
export interface SocketFolder {
  readonly path: string;
  readonly ours: boolean;
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && "code" in error && error.code === code;

const prepareFolder = async ({ path, ours }: SocketFolder): Promise<string | undefined> => {
  await mkdir(path, { recursive: true, mode: 0o700 });
  if (ours) await chmod(path, 0o700);
  const { mode } = await stat(path);
  return (mode & 0o077) === 0 ? undefined : `others may enter the folder ${path}; chmod 700 it`;
};

/** Whether somebody listens there. */
const answers = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path);
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => end(true));
    socket.once("error", (error) => end(!hasCode(error, "ECONNREFUSED") && !hasCode(error, "ENOENT")));
  });

/** Removes the socket of a dead server, and nothing else. */
const clear = async (path: string): Promise<string | undefined> => {
  const found = await lstat(path).catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  });
  if (found === undefined) return undefined;
  if (!found.isSocket()) return "something that is not a socket is in its place";
  if (await answers(path)) return "another server listens there";
  await unlink(path);
  return undefined;
};

/**
 * Finds the place for `name`: in the folder, or in a private one where the path would be too long for a socket.
 * `export-listen-failed`.
 */
export const socketPlace = async (
  exportId: string,
  folder: SocketFolder,
  name: string,
): Promise<SocketPlace> => {
  const path = join(folder.path, name);
  try {
    if (Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES) {
      const own = await mkdtemp(join(tmpdir(), "pagurus-"));
      return { path: join(own, name), remove: () => rm(own, { recursive: true, force: true }) };
    }
    const problem = (await prepareFolder(folder)) ?? (await clear(path));
    if (problem !== undefined) throw listenFailed(exportId, path, problem);
    return { path, remove: () => rm(path, { force: true }) };
  } catch (error) {
    throw CodedError.is(error) ? error : listenFailed(exportId, path, error);
  }
};
