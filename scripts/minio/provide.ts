import { buildBinary } from "./build.ts";
import type { Minio, OwnMinio } from "./minio.ts";
import { findBinary } from "./place.ts";
import { MinioProcess } from "./process.ts";

/** How to get what a test with a real server lacks. */
export const howToGet =
  "`npm run minio` builds the server with Go; README.md says where else it is looked for";

/** The server that `PAGURUS_MINIO_URL` names, which may be shared, else one of one's own. */
export const provideMinio = async (): Promise<Minio> => givenMinio() ?? startMinio();

/** A server of one's own, of which one may make anything. */
export const startMinio = async (): Promise<OwnMinio> =>
  MinioProcess.start((await findBinary()) ?? (await buildBinary()));

/** Why there is none unless it is built first; undefined where there is one. */
export const lackOfMinio = async (): Promise<string | undefined> =>
  givenMinio() || (await findBinary()) !== undefined ? undefined : `there is no MinIO; ${howToGet}`;

/** `http://<access key>:<secret key>@<host>`. */
const givenMinio = (): Minio | undefined => {
  const { PAGURUS_MINIO_URL: given = "" } = process.env;
  if (given === "") return undefined;
  const { username, password, origin, pathname } = new URL(given);
  if (username === "" || password === "" || pathname !== "/")
    throw new Error("PAGURUS_MINIO_URL is to be http://<access key>:<secret key>@<host>");
  return {
    url: origin,
    accessKey: decodeURIComponent(username),
    secretKey: decodeURIComponent(password),
    how: "PAGURUS_MINIO_URL",
    stop: async () => undefined,
  };
};
