import { DatastoreUsage, defineFunction, z } from "../../contract/index.ts";
import { StoresToken } from "./tokens.ts";

const Facts = z.object({ id: z.string(), capabilities: z.record(z.string(), z.json()) });

export const datastoreFunctions = [
  defineFunction({
    name: "datastores.list",
    summary: "List the configured datastores and what they can do",
    kind: "call",
    effect: "read",
    input: z.strictObject({}),
    output: z.object({ items: z.array(Facts) }),
    examples: [{}],
    http: { method: "GET", path: "/v1/datastores" },
    uses: { stores: StoresToken },
    run: async (_input, { stores }) => ({
      items: await Promise.all(stores.ids.map((id) => stores.facts(id))),
    }),
  }),
  defineFunction({
    name: "datastores.show",
    summary:
      "Show a datastore: what it can do, what it has cost since the server started, whether its store answers",
    kind: "call",
    effect: "read",
    input: z.strictObject({ id: z.string().describe("the datastore") }),
    output: Facts.extend({
      durability: z
        .enum(["local", "remote", "none"])
        .describe("what a flush survives: loss of power, loss of the host, nothing"),
      usage: DatastoreUsage.optional().describe("absent: its store charges for nothing"),
    }),
    examples: [{ id: "default" }],
    http: { method: "GET", path: "/v1/datastores/{id}" },
    cli: { positionals: ["id"], examples: ["pagurus datastores show vault"] },
    uses: { stores: StoresToken },
    async run({ id }, { stores }) {
      const [facts, durability, usage] = await Promise.all([
        stores.facts(id),
        stores.durabilityOf(id),
        stores.usage(id),
      ]);
      return { ...facts, durability, ...(usage && { usage }) };
    },
  }),
  defineFunction({
    name: "datastores.check",
    summary: "Try a datastore by writing to it, and show its free space",
    kind: "call",
    effect: "write",
    input: z.strictObject({ id: z.string().describe("the datastore") }),
    output: z.object({
      id: z.string(),
      location: z.string(),
      availableBytes: z.number().optional(),
      totalBytes: z.number().optional(),
    }),
    examples: [{ id: "default" }],
    http: { method: "POST", path: "/v1/datastores/{id}/check" },
    cli: { positionals: ["id"], examples: ["pagurus datastores check fast"] },
    uses: { stores: StoresToken },
    run: async ({ id }, { stores }) => ({ id, ...(await stores.check(id)) }),
  }),
];
