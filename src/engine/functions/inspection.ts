import { CodedError, defineFunction, z } from "../../contract/index.ts";
import { given, pageInput, pageOf } from "./pages.ts";
import { InspectionToken, StoreToken } from "./tokens.ts";

const Anything = z.looseObject({});
const Report = z.looseObject({ id: z.string(), sentence: z.string(), rootCode: z.string() });

export const inspectionFunctions = [
  defineFunction({
    name: "reports.list",
    summary: "List reports of failures, newest first",
    kind: "call",
    effect: "read",
    input: z.strictObject({
      ...pageInput,
      job: z.string().optional(),
      disk: z.string().optional().describe("name or id"),
    }),
    output: pageOf(Report),
    examples: [{}],
    http: { method: "GET", path: "/v1/reports" },
    uses: { store: StoreToken },
    async run({ disk, ...input }, { store }) {
      const id = disk === undefined ? undefined : ((await store.disks.find(disk))?.id ?? disk);
      return (await store.reports.list(given({ ...input, disk: id }))) as never;
    },
  }),
  defineFunction({
    name: "reports.show",
    summary: "Show a report: what failed, why, and what to do",
    kind: "call",
    effect: "read",
    input: z.strictObject({ id: z.string() }),
    output: Report,
    examples: [{ id: "{reports.items.0.id}" }],
    // What is in memory can't be verified.
    examplesNeed: [
      { call: "datastores.verify", input: { id: "default" }, outcome: "fails" },
      { call: "reports.list", input: {}, as: "reports" },
    ],
    http: { method: "GET", path: "/v1/reports/{id}" },
    cli: { positionals: ["id"] },
    uses: { store: StoreToken },
    async run({ id }, { store }) {
      const report = await store.reports.get(id);
      if (report === undefined) throw new CodedError("report-not-found", { report: id });
      return report as never;
    },
  }),
  defineFunction({
    name: "plugins.list",
    summary: "List plugin instances and their state",
    kind: "call",
    effect: "read",
    input: z.strictObject({}),
    output: z.object({ items: z.array(Anything) }),
    examples: [{}],
    http: { method: "GET", path: "/v1/plugins" },
    uses: { inspection: InspectionToken },
    run: (_input, { inspection }) => ({ items: JSON.parse(JSON.stringify(inspection.instances())) }),
  }),
  defineFunction({
    name: "functions.list",
    summary: "List everything that can be called, with its schemas",
    kind: "call",
    effect: "read",
    input: z.strictObject({}),
    output: z.object({ items: z.array(Anything) }),
    examples: [{}],
    http: { method: "GET", path: "/v1/functions" },
    uses: { inspection: InspectionToken },
    run: (_input, { inspection }) => ({ items: JSON.parse(JSON.stringify(inspection.functions())) }),
  }),
  defineFunction({
    name: "functions.show",
    summary: "Show a function with its schemas",
    kind: "call",
    effect: "read",
    input: z.strictObject({ name: z.string() }),
    output: Anything,
    examples: [{ name: "disks.create" }],
    http: { method: "GET", path: "/v1/functions/{name}" },
    cli: { positionals: ["name"] },
    uses: { inspection: InspectionToken },
    run({ name }, { inspection }) {
      const found = inspection.functions().find((one) => one.name === name);
      if (found === undefined) throw new CodedError("function-not-found", { function: name });
      return JSON.parse(JSON.stringify(found));
    },
  }),
  defineFunction({
    name: "metrics.read",
    summary: "Read the metrics of all threads in Prometheus' format",
    kind: "call",
    effect: "read",
    input: z.strictObject({}),
    output: z.object({ contentType: z.string(), text: z.string() }),
    examples: [{}],
    uses: { inspection: InspectionToken },
    run: async (_input, { inspection }) => ({
      contentType: "text/plain; version=0.0.4; charset=utf-8",
      text: await inspection.metrics(),
    }),
  }),
  defineFunction({
    name: "server.status",
    summary: "Show the server's version, threads and disks",
    kind: "call",
    effect: "read",
    input: z.strictObject({}),
    output: Anything,
    examples: [{}],
    http: { method: "GET", path: "/v1/server" },
    uses: { inspection: InspectionToken },
    run: async (_input, { inspection }) => ({ ...(await inspection.status()) }),
  }),
];
