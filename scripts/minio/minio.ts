import { randomBytes } from "node:crypto";

/** A MinIO server for tests, benches and demos. Whoever uses it makes a bucket of their own: others use it too. */
export interface Minio {
  /** Such as `http://127.0.0.1:20123`. */
  readonly url: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** Where it comes from, for people. */
  readonly how: string;
  /** Ends it and removes what it stored; does nothing where somebody else started it. */
  stop(): Promise<void>;
}

/** One that was started for its user alone, who may do to it what happens to servers. */
export interface OwnMinio extends Minio {
  /** As when its machine loses its power; what it stored stays. */
  kill(): Promise<void>;
  /** After `kill`: at the same address, with what it stored. Resolves when it answers. */
  start(): Promise<void>;
  /** Until `resume` it accepts connections and answers nothing. */
  pause(): Promise<void>;
  resume(): Promise<void>;
}

/** Of every server that this process starts: a container's can be reached from other machines. */
export const credentials = { accessKey: "pagurus-tests", secretKey: randomBytes(16).toString("hex") };

/** What the server is told beside its command line. */
export const environment = {
  MINIO_ROOT_USER: credentials.accessKey,
  MINIO_ROOT_PASSWORD: credentials.secretKey,
  MINIO_BROWSER: "off",
  MINIO_UPDATE: "off",
} as const;
