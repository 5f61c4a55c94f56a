import type { EarlierSchema } from "./earlier-schema.ts";

const MOVED = {
  id: "dsk-1",
  name: "web",
  size_bytes: 2 ** 50,
  block_minimum: 512,
  block_preferred: 4096,
  block_maximum: 33_554_432,
  state: "available",
  epoch: 3,
  datastore: "fast",
  layer: "lay-2",
  created_at: 1_795_000_000_000,
  job: "job-2",
};

const ENDED = {
  id: "job-1",
  function: "migrations.start",
  input: '{"disks":["web"],"to":"fast"}',
  disks: '["dsk-1"]',
  state: "succeeded",
  phase: "switched",
  outcome: '{"code":"ok"}',
  result: '{"pauseMs":12.5}',
  progress: '{"percent":100,"phase":"ended"}',
  report: null,
  created_at: 1_795_000_001_000,
  started_at: 1_795_000_001_001,
  ended_at: 1_795_000_002_000,
  cancel_requested: 0,
};

/** The catalog of a server that was killed while it moved a disk for the second time. */
export const version1: EarlierSchema = {
  version: 1,
  statements: [
    `create table "meta" ("key" text primary key, "value" text not null)`,
    `create table "disk" ("id" text primary key, "name" text not null unique, "size_bytes" bigint not null, "block_minimum" bigint not null, "block_preferred" bigint not null, "block_maximum" bigint not null, "state" text not null, "epoch" bigint not null, "datastore" text not null, "layer" text not null, "created_at" bigint not null, "job" text)`,
    `create table "job" ("id" text primary key, "function" text not null, "input" text not null, "disks" text not null, "state" text not null, "phase" text not null, "outcome" text, "result" text, "progress" text, "report" text, "created_at" bigint not null, "started_at" bigint, "ended_at" bigint, "cancel_requested" integer not null)`,
    `create index "job_by_state" on "job" ("state")`,
    `create table "job_disk" ("disk" text not null, "job" text not null references "job" ("id"), constraint "job_disk_pk" primary key ("disk", "job"))`,
    `create table "job_entry" ("job" text not null references "job" ("id"), "seq" bigint not null, "state" text not null, "data" text, "at" bigint not null, constraint "job_entry_pk" primary key ("job", "seq"))`,
    `create table "job_step" ("job" text not null references "job" ("id"), "seq" bigint not null, "name" text not null, "answer" text not null, constraint "job_step_pk" primary key ("job", "name"))`,
    `create table "resource" ("id" text primary key, "kind" text not null, "ref" text not null, "job" text, "disk" text, "created_at" bigint not null)`,
    `create table "idempotency" ("token" text not null, "key" text not null, "function" text not null, "input_hash" text not null, "answer" text, "boot" bigint not null, "at" bigint not null, constraint "idempotency_pk" primary key ("token", "key"))`,
    `create table "token" ("id" text primary key, "name" text not null, "hash" text not null unique, "permissions" text not null, "created_at" bigint not null)`,
    `create table "report" ("id" text primary key, "job" text, "body" text not null)`,
    `create table "report_disk" ("disk" text not null, "report" text not null references "report" ("id"), constraint "report_disk_pk" primary key ("disk", "report"))`,
  ],
  rows: [
    { table: "meta", row: { key: "version", value: "1" } },
    { table: "disk", row: MOVED },
    { table: "job", row: ENDED },
    {
      table: "job",
      row: {
        ...ENDED,
        id: "job-2",
        state: "running",
        phase: "copying",
        outcome: null,
        result: null,
        progress: null,
        ended_at: null,
        cancel_requested: 1,
      },
    },
    { table: "job_disk", row: { disk: "dsk-1", job: "job-1" } },
    { table: "job_disk", row: { disk: "dsk-1", job: "job-2" } },
    {
      table: "job_entry",
      row: { job: "job-1", seq: 1, state: "copying", data: null, at: 1_795_000_001_002 },
    },
    {
      table: "job_entry",
      row: { job: "job-1", seq: 2, state: "switched", data: '{"epoch":3}', at: 1_795_000_001_900 },
    },
    { table: "job_step", row: { job: "job-1", seq: 1, name: "copying", answer: "null" } },
    {
      table: "resource",
      row: {
        id: "res-1",
        kind: "layer",
        ref: '{"datastore":"slow","layer":"lay-3"}',
        job: "job-2",
        disk: "dsk-1",
        created_at: 1_795_000_003_000,
      },
    },
    {
      table: "idempotency",
      row: {
        token: "tok-1",
        key: "move-web",
        function: "migrations.start",
        input_hash: "0f",
        answer: '{"kind":"job","output":{"id":"job-1"}}',
        boot: 4,
        at: 1_795_000_001_000,
      },
    },
    {
      table: "token",
      row: { id: "tok-1", name: "first", hash: "ab", permissions: '["*"]', created_at: 1_795_000_000_000 },
    },
    { table: "report", row: { id: "rep-1", job: "job-1", body: '{"sentence":"Ærø is full 🦀"}' } },
    { table: "report_disk", row: { disk: "dsk-1", report: "rep-1" } },
  ],
};
