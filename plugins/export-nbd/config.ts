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
});
export type NbdConfig = z.output<typeof NbdConfig>;
