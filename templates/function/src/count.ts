import { Disks, defineFunction, z } from "pagurus";
import { toDo } from "./to-do.ts";

/** `pagurus my-plugin count`, and `GET /v1/my-plugin/count`. */
export const count = defineFunction({
  name: "my-plugin.count",
  summary: "Count the disks of each datastore",
  kind: "call",
  effect: "read",
  input: z.strictObject({}),
  output: z.record(z.string(), z.int().describe("disks of that datastore")),
  /** Inputs that it can be run with at any time: the conformance kit does so. */
  examples: [{}],
  http: { method: "GET", path: "/v1/my-plugin/count" },
  uses: { disks: Disks },
  async run(_input, _uses, _context) {
    return toDo(
      "my-plugin.count",
      "read `disks.list()` of the second argument and answer what `output` says",
    );
  },
});
