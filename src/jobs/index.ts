export { type JobView, jobView, viewFields } from "./job-view.ts";
export { CommitTime } from "./migration/commit-time.ts";
export { finish } from "./migration/finish.ts";
export type { MigrationHost } from "./migration/host.ts";
export { MigrationInput, MigrationOutput } from "./migration/input.ts";
export { migrate } from "./migration/migration.ts";
export { crashPoints, migrationEdges } from "./migration/states.ts";
export type { Probe } from "./probe.ts";
export { JobRunner, type RunnableJob } from "./runner.ts";
