import type { Store } from "../../catalog/index.ts";
import {
  extensionPoint,
  type FunctionDescription,
  type JsonObject,
  type MigrationStrategy,
} from "../../contract/index.ts";
import type { CommitTime, ImageHost, JobRunner, MigrationHost, RunningMigrations } from "../../jobs/index.ts";
import type { DescribedInstance, DescribedPlugin } from "../../kernel/index.ts";
import type { Acceptance } from "../acceptance/acceptance.ts";
import type { DiskService } from "../disks/disk-service.ts";
import type { Stores } from "../disks/stores.ts";

/** What the built-in functions work with, each resolved by the engine like anything else. */
export const DiskServiceToken = extensionPoint<DiskService>("engine/disk-service");
export const StoresToken = extensionPoint<Stores>("engine/stores");
export const StoreToken = extensionPoint<Store>("engine/store");
export const JobsToken = extensionPoint<JobRunner>("engine/jobs");
export const MigrationsToken = extensionPoint<{
  readonly host: MigrationHost;
  readonly times: CommitTime;
  readonly running: RunningMigrations;
}>("engine/migrations");
export const ImagesToken = extensionPoint<ImageHost>("engine/images");
export const AcceptanceToken = extensionPoint<Acceptance>("engine/acceptance");

/** What the engine says of itself. */
export interface Inspection {
  functions(): readonly FunctionDescription[];
  plugins(): readonly DescribedPlugin[];
  instances(): readonly DescribedInstance[];
  configuration(): JsonObject;
  metrics(): Promise<string>;
  status(): Promise<JsonObject>;
  /** `strategy-not-found`. */
  demandStrategy(id: string): MigrationStrategy;
  digest(disk: string, hash: string): Promise<string>;
}
export const InspectionToken = extensionPoint<Inspection>("engine/inspection");
