import { CodedError, defineFunction, type JobContext, z } from "../../contract/index.ts";
import { Adjustment, finish, MIGRATE, MigrationInput, MigrationOutput, migrate } from "../../jobs/index.ts";
import { aDisk, aDiskThatMoves } from "./example-setups.ts";
import { Job, jobFunctionsFor } from "./jobs.ts";
import {
  DiskServiceToken,
  InspectionToken,
  JobsToken,
  MigrationsToken,
  StoresToken,
  StoreToken,
} from "./tokens.ts";

const startMigration = defineFunction({
  name: MIGRATE,
  summary: "Move disks to another datastore while their guests go on",
  kind: "job",
  effect: "write",
  input: MigrationInput,
  output: MigrationOutput,
  examples: [{ disks: ["web"], to: "other" }],
  examplesNeed: [aDisk],
  http: { method: "POST", path: "/v1/migrations" },
  creates: true,
  cli: {
    examples: [
      "pagurus migrations start --disk web --to archive --wait",
      "pagurus migrations start --disk web --disk web-data --to fast --max-pause 50ms --max-bytes-per-second 100MiB",
      "pagurus migrations start --disk web --to archive --switch-over manual",
    ],
  },
  uses: {
    disks: DiskServiceToken,
    stores: StoresToken,
    store: StoreToken,
    migrations: MigrationsToken,
    inspection: InspectionToken,
  },
  disks: ({ disks }) => disks,
  async check({ disks: names, to, strategy }, { disks, stores, inspection }) {
    stores.demand(to);
    const chosen = inspection.demandStrategy(strategy);
    const found = await Promise.all(names.map((name) => disks.get(name)));
    for (const { id, name, sizeBytes, datastore } of found) {
      if (found.filter((other) => other.id === id).length > 1)
        throw new CodedError("input-invalid", {
          function: MIGRATE,
          problems: `the disk ${name} is given twice`,
        });
      if (datastore === to) throw new CodedError("migration-same-datastore", { disk: name, datastore });
      chosen.plan({ disk: name, sizeBytes, from: datastore, to });
    }
  },
  run: (input, { migrations }, job) => migrate({ ...migrations, input, job }),
  failure: ({ disks, to }, cause) =>
    new CodedError("migration-failed", { disks: disks.join(", "), to }, { cause }),
  forward: {
    from: "switched",
    async resume(input, { migrations, store }, job) {
      const output = await recordedOutput(store, job);
      return finish({ host: migrations.host, job, input: MigrationInput.parse(input), output });
    },
  },
});

/** The account as it was written with the owner records. */
async function recordedOutput(
  store: { jobs: { entries(id: string): Promise<readonly { state: string; data: unknown }[]> } },
  job: JobContext,
): Promise<MigrationOutput> {
  const record = (await store.jobs.entries(job.id)).find(({ state }) => state === "switched");
  return MigrationOutput.parse((record?.data as { output?: unknown } | undefined)?.output);
}

const id = z.string().describe("id of the migration");

const adjustMigration = defineFunction({
  name: "migrations.adjust",
  summary: "Change what a migration under way may cost, or who switches it over",
  description:
    "What is given holds from now on, on all its disks; what is left out stays. A switch-over that is being tried keeps the pause it began with.",
  kind: "call",
  effect: "write",
  input: z
    .strictObject({ id, ...Adjustment.shape })
    .refine(({ id: _, ...changes }) => Object.values(changes).some((change) => change !== undefined), {
      error: `nothing to change: give one of ${Object.keys(Adjustment.shape).join(", ")}`,
    }),
  output: Job,
  examples: [{ id: "{job.id}", maxPauseMs: 1000, maxBytesPerSecond: null }],
  examplesNeed: aDiskThatMoves,
  http: { method: "PATCH", path: "/v1/migrations/{id}" },
  cli: {
    positionals: ["id"],
    examples: [
      "pagurus migrations adjust job-1 --max-pause 1s --guest-impact 50",
      "pagurus migrations adjust job-1 --max-bytes-per-second none",
    ],
  },
  uses: { jobs: JobsToken, migrations: MigrationsToken },
  async run({ id, ...changes }, { jobs, migrations }) {
    await migrations.running.adjust(id, changes);
    return (await jobs.show(id)) as never;
  },
});

const switchMigration = defineFunction({
  name: "migrations.switch",
  summary: "Let a migration that was started with switchOver `manual` switch over now",
  description:
    "Once it is ready. It then switches over by itself, again if a try is given up for its pause, up to maxAttempts times.",
  kind: "call",
  effect: "write",
  input: z.strictObject({
    id,
    whenReady: z.boolean().default(false).describe("if it isn't ready yet, do so as soon as it is"),
  }),
  output: Job,
  examples: [{ id: "{job.id}", whenReady: true }],
  examplesNeed: aDiskThatMoves,
  http: { method: "POST", path: "/v1/migrations/{id}/switch" },
  cli: {
    positionals: ["id"],
    wait: true,
    examples: ["pagurus migrations switch job-1 --wait", "pagurus migrations switch job-1 --when-ready"],
  },
  uses: { jobs: JobsToken, migrations: MigrationsToken },
  async run({ id, whenReady }, { jobs, migrations }) {
    await migrations.running.switchOver(id, { whenReady });
    return (await jobs.show(id)) as never;
  },
});

export const migrationFunctions = [
  startMigration,
  ...jobFunctionsFor({ noun: "migrations", what: "migration", only: MIGRATE, begun: aDiskThatMoves }),
  adjustMigration,
  switchMigration,
];
