import type { DiskRow, Store } from "../../catalog/index.ts";
import type { Clock, JsonObject, LayerRef, LayerSpec, Log, Stamp } from "../../contract/index.ts";
import type { DiskHandle } from "../../disks/index.ts";
import type { Probe } from "../probe.ts";

/** What a migration asks of the engine. */
export interface MigrationHost {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly probe: Probe;
  readonly layers: {
    create(datastore: string, spec: LayerSpec): Promise<void>;
    stamp(ref: LayerRef, stamp: Stamp): Promise<void>;
    /** Rejects where that can't be done now; it is tried again. */
    remove(ref: LayerRef): Promise<void>;
    /** Space that the layer takes; 0 where it isn't there. */
    allocatedBytes(ref: LayerRef): Promise<number>;
    /** Tries the store: `datastore-unavailable`. Its free space, where it knows. */
    availableBytes(datastore: string): Promise<number | undefined>;
  };
  /** The open disk; `disk-unavailable`. */
  handle(disk: string): DiskHandle;
  /** Refuses a target that the disk's thread can't reach: `datastore-process-local`. */
  reachable(disk: DiskRow, datastore: string): Promise<void>;
  /** Open, reopen and commit of one disk, one after another. */
  serial<T>(disks: readonly string[], run: () => Promise<T>): Promise<T>;
  /** Resolves when the disk is open as the owner record says, also after its thread was lost; `disk-unavailable`. */
  opened(disk: string): Promise<void>;
  /** The disk is at another layer now. */
  moved(disk: string): Promise<void>;
  publish(event: { type: string; job: string; disk?: string; data?: JsonObject }): void;
}
