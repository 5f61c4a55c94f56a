import { defineFunction, type ExampleSetup, type PluginFunction, z } from "../../contract/index.ts";
import { viewFields } from "../../jobs/index.ts";
import { given, pageInput, pageOf } from "./pages.ts";
import { JobsToken, StoreToken } from "./tokens.ts";

/** A job of any function, with that function's output beside its own fields once it has succeeded. */
export const Job = z.looseObject(viewFields);

const JobState = z.enum(["queued", "running", "succeeded", "failed", "cancelled"]);

interface JobNoun {
  readonly noun: string;
  readonly what: string;
  /** The function whose jobs they are; without it, all. */
  readonly only?: string;
  /** Begins one, whose answer is called `job`; absent where one takes too long for an example. */
  readonly begun?: readonly ExampleSetup[];
}

/** The same rows under two names: all jobs, and those of one function. */
export const jobFunctionsFor = ({ noun, what, only, begun }: JobNoun): readonly PluginFunction[] => [
  defineFunction({
    name: `${noun}.list`,
    summary: `List ${what}s, newest first`,
    kind: "call",
    effect: "read",
    input: z.strictObject({
      ...pageInput,
      disk: z.string().optional().describe("only those of this disk, by name or id"),
      state: JobState.optional(),
    }),
    output: pageOf(Job),
    examples: [{}],
    http: { method: "GET", path: `/v1/${noun}` },
    uses: { jobs: JobsToken, store: StoreToken },
    async run({ disk, ...input }, { jobs, store }) {
      const id = disk === undefined ? undefined : ((await store.disks.find(disk))?.id ?? disk);
      const { items, ...rest } = await store.jobs.list(given({ ...input, disk: id, function: only }));
      return { items: await Promise.all(items.map((row) => jobs.show(row.id))), ...rest } as never;
    },
  }),
  defineFunction({
    name: `${noun}.show`,
    summary: `Show a ${what}: how far it is, or how it ended`,
    kind: "call",
    effect: "read",
    input: z.strictObject({ id: z.string().describe(`id of the ${what}`) }),
    output: Job,
    ...(begun && { examples: [{ id: "{job.id}" }], examplesNeed: begun }),
    http: { method: "GET", path: `/v1/${noun}/{id}` },
    cli: { positionals: ["id"] },
    uses: { jobs: JobsToken },
    run: async ({ id }, { jobs }) => (await jobs.show(id)) as never,
  }),
  defineFunction({
    name: `${noun}.cancel`,
    summary: `Cancel a ${what}: it ends with everything as it was, or it has been finished already`,
    kind: "call",
    effect: "write",
    input: z.strictObject({ id: z.string().describe(`id of the ${what}`) }),
    output: Job,
    ...(begun && { examples: [{ id: "{job.id}" }], examplesNeed: begun }),
    http: { method: "POST", path: `/v1/${noun}/{id}/cancel` },
    cli: { positionals: ["id"] },
    uses: { jobs: JobsToken },
    async run({ id }, { jobs }) {
      await jobs.cancel(id);
      return (await jobs.show(id)) as never;
    },
  }),
];
