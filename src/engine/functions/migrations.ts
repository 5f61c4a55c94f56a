import { CodedError, defineFunction, type JobContext } from "../../contract/index.ts";
import { finish, MigrationInput, MigrationOutput, migrate } from "../../jobs/index.ts";
import { jobFunctionsFor } from "./jobs.ts";
import { DiskServiceToken, InspectionToken, MigrationsToken, StoresToken, StoreToken } from "./tokens.ts";

const startMigration = defineFunction({
  name: "migrations.start",
  summary: "Move disks to another datastore while their guests go on",
  kind: "job",
  effect: "write",
  input: MigrationInput,
  output: MigrationOutput,
  http: { method: "POST", path: "/v1/migrations" },
  creates: true,
  cli: {
    examples: [
      "pagurus migrations start --disk web --to archive --wait",
      "pagurus migrations start --disk web --disk web-data --to fast --max-pause 50ms --max-bytes-per-second 100MiB",
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
    inspection.demandStrategy(strategy);
    const found = await Promise.all(names.map((name) => disks.get(name)));
    for (const { id, name, datastore } of found) {
      if (found.filter((other) => other.id === id).length > 1)
        throw new CodedError("input-invalid", {
          function: "migrations.start",
          problems: `the disk ${name} is given twice`,
        });
      if (datastore === to) throw new CodedError("migration-same-datastore", { disk: name, datastore });
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

export const migrationFunctions = [
  startMigration,
  ...jobFunctionsFor("migrations", "migration", "migrations.start"),
];
