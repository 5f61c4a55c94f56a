import { CodedError, DiskName, Disks, defineFunction, Events, Invoke, z } from "pagurus";
/** A call and a job, with what the control plane gives them. */
export const driftwoodFunctions = [
  defineFunction({
    name: "driftwood.weigh",
    summary: "Add up what the disks hold",
    kind: "call",
    effect: "read",
    input: z.strictObject({ log: z.string().min(1).describe("which log to weigh by") }),
    output: z.object({ log: z.string(), disks: z.array(DiskName), sizeBytes: z.number() }),
    http: { method: "GET", path: "/v1/driftwood/{log}/weight" },
    cli: { positionals: ["log"], examples: ["pagurus driftwood weigh oak"] },
    examples: [{ log: "oak" }],
    uses: { disks: Disks },
    async run({ log }, { disks }) {
      if (log === "cork") throw new CodedError("driftwood-adrift", { log });
      const all = await disks.list();
      return {
        log,
        disks: all.map(({ name }) => name),
        sizeBytes: all.reduce((sum, disk) => sum + disk.sizeBytes, 0),
      };
    },
  }),
  defineFunction({
    name: "driftwood.float",
    summary: "Make a disk and take it away again, in steps",
    kind: "job",
    effect: "write",
    input: z.strictObject({ name: DiskName, datastore: z.string(), sink: z.boolean().default(false) }),
    output: z.object({ disk: z.string(), seen: z.boolean() }),
    http: { method: "POST", path: "/v1/driftwood" },
    creates: true,
    examples: [{ name: "raft", datastore: "default" }],
    uses: { invoke: Invoke, events: Events },
    async run({ name, datastore, sink }, { invoke, events }, job) {
      const disk = await job.step(
        "launched",
        async () => invoke("disks.create", { name, datastore, sizeBytes: 512 * 1024 }),
        { compensate: async () => void (await invoke("disks.remove", { name })) },
      );
      job.progress({ phase: "launched", percent: 50 });
      events.publish({ type: "driftwood.launched", job: job.id, data: { name } });
      job.signal.throwIfAborted();
      if (sink) throw new CodedError("driftwood-adrift", { log: name });
      await job.step("landed", async () => invoke("disks.remove", { name }));
      return { disk: disk.id, seen: true };
    },
    failure: ({ name }, cause) => new CodedError("task-failed", { task: `Floating ${name}` }, { cause }),
  }),
];
