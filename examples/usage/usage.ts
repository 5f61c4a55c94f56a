import { Disks, defineFunction, definePlugin, z } from "pagurus";

const usage = defineFunction({
  name: "datastores.usage",
  summary: "Sum up the sizes of the disks in each datastore",
  kind: "call",
  effect: "read",
  input: z.strictObject({}),
  output: z.record(z.string(), z.number()),
  examples: [{}],
  http: { method: "GET", path: "/v1/usage" },
  uses: { disks: Disks },
  async run(_input, { disks }) {
    const bytes: Record<string, number> = {};
    for (const { datastore, sizeBytes } of await disks.list())
      bytes[datastore] = (bytes[datastore] ?? 0) + sizeBytes;
    return bytes;
  },
});

export default definePlugin({
  id: "usage",
  apiVersion: 1,
  summary: "Tells how much is kept where",
  config: z.strictObject({}),
  functions: [usage],
});
