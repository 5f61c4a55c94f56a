import { z } from "zod";
import { extensionPoint } from "./extension-point.ts";

/** The names that people give to disks. */
export const DiskName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,62}$/,
    "1 to 63 lower-case letters, digits, `.`, `_` and `-`, beginning with a letter or digit",
  )
  .describe("name of a disk");

/** A size in bytes that a disk can have. */
export const DiskSizeBytes = z
  .int()
  .min(512)
  .max(2 ** 50)
  .multipleOf(512)
  .describe("size in bytes, a multiple of 512, at most 1 PiB");

/** A disk, as everybody sees it: functions, HTTP and plugins alike. Times are ISO 8601. */
export const Disk = z.object({
  id: z.string(),
  name: z.string(),
  sizeBytes: z.number(),
  datastore: z.string().describe("where its active layer is"),
  epoch: z.number().describe("grows with every change of its owner record"),
  state: z.enum(["available", "unavailable", "creating", "removing"]),
  layers: z
    .array(z.object({ datastore: z.string(), layer: z.string(), location: z.string().optional() }))
    .describe("from the base to the active layer"),
  exports: z.array(z.object({ uri: z.string() })),
  durability: z
    .enum(["local", "remote", "none"])
    .optional()
    .describe("what a flush survives: loss of power, loss of the host, nothing"),
  createdAt: z.string(),
  migration: z.string().optional().describe("the job that moves, imports or exports it now"),
  report: z.string().optional().describe("why it is unavailable"),
});
export type Disk = z.infer<typeof Disk>;

/** The disks of this engine. Control plane only. */
export interface Disks {
  /** Every disk, by name, as it is now; a change that is under way shows in its state. `catalog-unavailable`. */
  list(): Promise<readonly Disk[]>;
  /** `disk-not-found`, `catalog-unavailable`. */
  get(nameOrId: string): Promise<Disk>;
}
export const Disks = extensionPoint<Disks>("disks");
