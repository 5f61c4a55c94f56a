import { Disk, DiskName, DiskSizeBytes, defineFunction, LayerUsage, z } from "../../contract/index.ts";
import { aDisk } from "./example-setups.ts";
import { given, pageInput, pageOf } from "./pages.ts";
import { DiskServiceToken, InspectionToken } from "./tokens.ts";

const name = z.string().min(1).describe("name or id of the disk");

export const diskFunctions = [
  defineFunction({
    name: "disks.create",
    summary: "Create an empty disk and serve it",
    kind: "call",
    effect: "write",
    input: z.strictObject({
      name: DiskName,
      sizeBytes: DiskSizeBytes,
      datastore: z
        .string()
        .optional()
        .describe("where it is kept; without it in `default`, else the first one configured"),
    }),
    output: Disk,
    examples: [{ name: "web", sizeBytes: 1_048_576 }],
    http: { method: "POST", path: "/v1/disks" },
    creates: true,
    cli: { positionals: ["name"], examples: ["pagurus disks create web --size 20GiB --datastore fast"] },
    uses: { disks: DiskServiceToken },
    run: (input, { disks }, context) => disks.create(given(input), context),
  }),
  defineFunction({
    name: "disks.list",
    summary: "List disks by name",
    kind: "call",
    effect: "read",
    input: z.strictObject(pageInput),
    output: pageOf(Disk),
    examples: [{}],
    http: { method: "GET", path: "/v1/disks" },
    cli: { examples: ["pagurus disks list --json"] },
    uses: { disks: DiskServiceToken },
    run: async (input, { disks }) => ({ ...(await disks.page(given(input))) }) as never,
  }),
  defineFunction({
    name: "disks.show",
    summary: "Show a disk: where it is, who owns it, how to attach it, what it costs and holds",
    kind: "call",
    effect: "read",
    input: z.strictObject({ name }),
    output: Disk.extend({
      usage: LayerUsage.optional().describe(
        "since it was opened, where its datastore tells: what was asked of the store, and what the store still lacks",
      ),
    }),
    examples: [{ name: "web" }],
    examplesNeed: [aDisk],
    http: { method: "GET", path: "/v1/disks/{name}" },
    cli: { positionals: ["name"], examples: ["pagurus disks show web"] },
    uses: { disks: DiskServiceToken },
    run: (input, { disks }) => disks.show(input.name),
  }),
  defineFunction({
    name: "disks.resize",
    summary: "Make a disk larger, or smaller",
    description:
      "A larger disk shows to clients that attach from then on; those attached keep the size that they have. Making it smaller loses what lies beyond: it needs `shrink`, and is refused while clients are attached. Refused while it is moved.",
    kind: "call",
    effect: "write",
    input: z.strictObject({
      name,
      sizeBytes: DiskSizeBytes,
      shrink: z.boolean().default(false).describe("whether what lies beyond the new end may be lost"),
    }),
    output: Disk,
    examples: [
      { name: "web", sizeBytes: 2_097_152 },
      { name: "web", sizeBytes: 524_288, shrink: true },
    ],
    examplesNeed: [aDisk],
    http: { method: "PATCH", path: "/v1/disks/{name}" },
    cli: { positionals: ["name"], examples: ["pagurus disks resize web --size 40GiB"] },
    uses: { disks: DiskServiceToken },
    run: ({ name: disk, ...size }, { disks }) => disks.resize(disk, size),
  }),
  defineFunction({
    name: "disks.remove",
    summary: "Remove a disk and its content for good",
    description: "Refused while clients are attached or a job holds it.",
    kind: "call",
    effect: "write",
    input: z.strictObject({ name }),
    output: Disk,
    examples: [{ name: "web" }],
    examplesNeed: [aDisk],
    http: { method: "DELETE", path: "/v1/disks/{name}" },
    cli: { positionals: ["name"], examples: ["pagurus disks remove web"] },
    uses: { disks: DiskServiceToken },
    run: (input, { disks }) => disks.remove(input.name),
  }),
  defineFunction({
    name: "disks.reopen",
    summary: "Open a disk again that is unavailable, or whose storage has failed",
    description:
      "When the cause is mended; the server goes on. Refused while it is moved, and while clients are attached unless forced: they are cut off and may connect again.",
    kind: "call",
    effect: "write",
    input: z.strictObject({
      name,
      force: z.boolean().default(false).describe("also while clients are attached"),
    }),
    output: Disk,
    examples: [{ name: "web" }, { name: "web", force: true }],
    examplesNeed: [aDisk],
    http: { method: "POST", path: "/v1/disks/{name}/reopen" },
    cli: { positionals: ["name"], examples: ["pagurus disks reopen web"] },
    uses: { disks: DiskServiceToken },
    run: ({ name: disk, ...how }, { disks }) => disks.reopen(disk, how),
  }),
  defineFunction({
    name: "disks.digest",
    summary: "Compute a signature of a disk's content",
    description:
      "Reads the whole disk beside its guest: what is written meanwhile is in the signature or not.",
    kind: "call",
    effect: "read",
    input: z.strictObject({
      name,
      hash: z.string().default("sha256").describe("a configured hash function"),
    }),
    output: z.object({ disk: z.string(), hash: z.string(), digest: z.string() }),
    examples: [{ name: "web" }, { name: "web", hash: "xxh64" }],
    examplesNeed: [aDisk],
    http: { method: "GET", path: "/v1/disks/{name}/digest" },
    cli: { positionals: ["name"], examples: ["pagurus disks digest web"] },
    uses: { disks: DiskServiceToken, inspection: InspectionToken },
    run: async (input, { disks, inspection }) => {
      const { id, name: disk } = await disks.get(input.name);
      return { disk, hash: input.hash, digest: await inspection.digest(id, input.hash) };
    },
  }),
];
