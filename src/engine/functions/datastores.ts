import { defineFunction, z } from "../../contract/index.ts";
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
