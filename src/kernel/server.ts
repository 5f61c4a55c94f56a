import { availableParallelism } from "node:os";
import { z } from "zod";

const MAX_THREADS = 64;
const DEFAULT_BODY_LIMIT = 2 ** 20;
const MAX_BODY_LIMIT = 2 ** 30;

/** One core is left to the control plane. */
const defaultThreads = (): number => Math.max(1, availableParallelism() - 1);

/** The section `server` of `pagurus.yaml`. */
export const ServerConfiguration = z.strictObject({
  listen: z
    .string()
    .regex(/^(\[[0-9a-fA-F:.]+\]|[^\s:[\]]+):\d{1,5}$/, "expected host:port")
    .default("127.0.0.1:7040")
    .describe("host and port of the HTTP API; port 0 takes a free one"),
  diskThreads: z
    .int()
    .min(0)
    .max(MAX_THREADS)
    .default(defaultThreads)
    .describe("threads that serve disks; 0 serves them beside everything else"),
  allowedHosts: z
    .array(z.string())
    .default([])
    .describe("Host headers taken besides those of a loopback address"),
  allowedOrigins: z.array(z.string()).default([]).describe("web pages of other origins that may call"),
  bodyLimitBytes: z
    .int()
    .min(1)
    .max(MAX_BODY_LIMIT)
    .default(DEFAULT_BODY_LIMIT)
    .describe("the longest body of a request"),
});
export type ServerConfiguration = z.infer<typeof ServerConfiguration>;
