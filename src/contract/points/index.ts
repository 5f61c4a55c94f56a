import type { Plane } from "../extension-point.ts";
import { Catalog } from "./catalog.ts";
import { Datastore } from "./datastore.ts";
import { DiskExport } from "./disk-export.ts";
import { ErrorSink } from "./error-sink.ts";
import { HashFunction } from "./hash-function.ts";
import { MigrationStrategy } from "./migration-strategy.ts";

/** What the kernel knows of each of our points. */
export interface PointFacts {
  /** As errors and pages call it. */
  readonly name: string;
  readonly plane: Plane;
  /** The section of `pagurus.yaml` that names its instances; absent: one instance of each plugin, by its own id. */
  readonly section?: "datastores" | "exports" | "hashes" | "sinks" | "catalog";
}

/** Our extension points, by token. */
export const points: ReadonlyMap<symbol, PointFacts> = new Map<symbol, PointFacts>([
  [Catalog, { name: "Catalog", plane: "control", section: "catalog" }],
  [Datastore, { name: "Datastore", plane: "disk", section: "datastores" }],
  [DiskExport, { name: "DiskExport", plane: "both", section: "exports" }],
  [ErrorSink, { name: "ErrorSink", plane: "control", section: "sinks" }],
  [HashFunction, { name: "HashFunction", plane: "both", section: "hashes" }],
  [MigrationStrategy, { name: "MigrationStrategy", plane: "both" }],
]);
