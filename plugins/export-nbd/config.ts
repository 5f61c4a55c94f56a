import { z } from "pagurus";

export const NbdConfig = z.strictObject({
  sockets: z
    .string()
    .min(1)
    .optional()
    .describe("folder of the disks' unix sockets; by default `run` in the data directory"),
  listen: z
    .string()
    .regex(/^(\[[0-9a-fA-F:.]+\]|[^:[\]\s]*):\d{1,5}$/, "host:port, [IPv6]:port or :port")
    .refine((listen) => Number(listen.slice(listen.lastIndexOf(":") + 1)) <= 65_535, "a port up to 65535")
    .optional()
    .describe("host:port of one TCP port for all disks; port 0 takes a free one; absent: no TCP"),
  readOnly: z
    .boolean()
    .default(false)
    .describe(
      "whether clients may only read; the same disks can be served by another export that lets them write",
    ),
  maxConnections: z
    .int()
    .min(1)
    .max(4096)
    .default(64)
    .describe("clients that one disk may have at a time through this export; more are turned away"),
  lateRequests: z
    .enum(["hang-up", "refuse"])
    .default("hang-up")
    .describe(
      "what becomes of requests that come while a disk is being closed: hang up, so that a client that reconnects asks for them again, or refuse them with ESHUTDOWN until the client says good-bye",
    ),
});
export type NbdConfig = z.output<typeof NbdConfig>;

/** What of it concerns each client. */
export type ClientRules = Pick<NbdConfig, "readOnly" | "maxConnections" | "lateRequests">;
