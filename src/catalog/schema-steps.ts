import type { SchemaModule } from "kysely";

/** Brings the schema from the version below to `version`, in one transaction. */
export interface SchemaStep {
  readonly version: number;
  up(schema: SchemaModule): Promise<void>;
}

/** The tables of version 1. A step that a release has shipped is never changed again. */
const firstTables = async (schema: SchemaModule): Promise<void> => {
  await schema
    .createTable("meta")
    .addColumn("key", "text", (column) => column.primaryKey())
    .addColumn("value", "text", (column) => column.notNull())
    .execute();
  await schema
    .createTable("disk")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("name", "text", (column) => column.notNull().unique())
    .addColumn("size_bytes", "bigint", (column) => column.notNull())
    .addColumn("block_minimum", "bigint", (column) => column.notNull())
    .addColumn("block_preferred", "bigint", (column) => column.notNull())
    .addColumn("block_maximum", "bigint", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("epoch", "bigint", (column) => column.notNull())
    .addColumn("datastore", "text", (column) => column.notNull())
    .addColumn("layer", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("job", "text")
    .execute();
  await jobTables(schema);
  await schema
    .createTable("resource")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("ref", "text", (column) => column.notNull())
    .addColumn("job", "text")
    .addColumn("disk", "text")
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();
  await schema
    .createTable("idempotency")
    .addColumn("token", "text", (column) => column.notNull())
    .addColumn("key", "text", (column) => column.notNull())
    .addColumn("function", "text", (column) => column.notNull())
    .addColumn("input_hash", "text", (column) => column.notNull())
    .addColumn("answer", "text")
    .addColumn("boot", "bigint", (column) => column.notNull())
    .addColumn("at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("idempotency_pk", ["token", "key"])
    .execute();
  await schema
    .createTable("token")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("hash", "text", (column) => column.notNull().unique())
    .addColumn("permissions", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();
  await reportTables(schema);
};

const jobTables = async (schema: SchemaModule): Promise<void> => {
  await schema
    .createTable("job")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("function", "text", (column) => column.notNull())
    .addColumn("input", "text", (column) => column.notNull())
    .addColumn("disks", "text", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("phase", "text", (column) => column.notNull())
    .addColumn("outcome", "text")
    .addColumn("result", "text")
    .addColumn("progress", "text")
    .addColumn("report", "text")
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("started_at", "bigint")
    .addColumn("ended_at", "bigint")
    .addColumn("cancel_requested", "integer", (column) => column.notNull())
    .execute();
  await schema.createIndex("job_by_state").on("job").column("state").execute();
  await schema
    .createTable("job_disk")
    .addColumn("disk", "text", (column) => column.notNull())
    .addColumn("job", "text", (column) => column.notNull().references("job.id"))
    .addPrimaryKeyConstraint("job_disk_pk", ["disk", "job"])
    .execute();
  await schema
    .createTable("job_entry")
    .addColumn("job", "text", (column) => column.notNull().references("job.id"))
    .addColumn("seq", "bigint", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("data", "text")
    .addColumn("at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("job_entry_pk", ["job", "seq"])
    .execute();
  await schema
    .createTable("job_step")
    .addColumn("job", "text", (column) => column.notNull().references("job.id"))
    .addColumn("seq", "bigint", (column) => column.notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("answer", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("job_step_pk", ["job", "name"])
    .execute();
};

const reportTables = async (schema: SchemaModule): Promise<void> => {
  await schema
    .createTable("report")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("job", "text")
    .addColumn("body", "text", (column) => column.notNull())
    .execute();
  await schema
    .createTable("report_disk")
    .addColumn("disk", "text", (column) => column.notNull())
    .addColumn("report", "text", (column) => column.notNull().references("report.id"))
    .addPrimaryKeyConstraint("report_disk_pk", ["disk", "report"])
    .execute();
};

/** The tables of version 2: what acceptance runs have found. */
const scenarioTable = async (schema: SchemaModule): Promise<void> => {
  await schema
    .createTable("scenario_result")
    .addColumn("subject", "text", (column) => column.notNull())
    .addColumn("feature", "text", (column) => column.notNull())
    .addColumn("rule", "text", (column) => column.notNull())
    .addColumn("scenario", "text", (column) => column.notNull())
    .addColumn("passed", "integer", (column) => column.notNull())
    .addColumn("failed", "integer", (column) => column.notNull())
    .addColumn("skipped", "integer", (column) => column.notNull())
    .addColumn("message", "text")
    .addColumn("seed", "bigint")
    .addColumn("version", "text", (column) => column.notNull())
    .addColumn("feature_hash", "text", (column) => column.notNull())
    .addColumn("job", "text", (column) => column.notNull())
    .addColumn("at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("scenario_result_pk", ["subject", "feature", "rule", "scenario"])
    .execute();
};

/** Every version there ever was, in order. */
export const schemaSteps: readonly SchemaStep[] = [
  { version: 1, up: firstTables },
  { version: 2, up: scenarioTable },
];

/** The version that a catalog has once it was opened. */
export const newestVersion = Math.max(...schemaSteps.map(({ version }) => version));
