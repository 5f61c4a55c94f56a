import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/** MinIO is published as sources alone; this is their newest version, by the name that Go gives it. */
export const source = {
  module: "github.com/minio/minio",
  version: "v0.0.0-20260212201848-7aac2a2c5b7c",
} as const;

/** Where the server is kept once it is built, for all checkouts. */
export const cachedBinary = (): string => {
  const { PAGURUS_MINIO_CACHE: own = "", XDG_CACHE_HOME: user = "" } = process.env;
  const cache = own || join(user || join(homedir(), ".cache"), "pagurus", "minio");
  return join(cache, `${source.version}-${process.platform}-${process.arch}`, "minio");
};

/** The server's binary: named by `PAGURUS_MINIO_BINARY`, in the PATH or in the cache; undefined where there is none. */
export const findBinary = async (): Promise<string | undefined> => {
  const { PAGURUS_MINIO_BINARY: named = "", PATH = "" } = process.env;
  if (named !== "") {
    if (await isExecutable(named)) return named;
    throw new Error(`PAGURUS_MINIO_BINARY names ${named}, which can't be executed`);
  }
  const inPath = PATH.split(delimiter).map((folder) => join(folder, "minio"));
  for (const path of [...inPath, cachedBinary()]) if (await isExecutable(path)) return path;
  return undefined;
};

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
