import type { Store } from "../catalog/index.ts";
import { CodedError, type Log } from "../contract/index.ts";
import type { MigrationHost, Probe } from "../jobs/index.ts";
import type { Collector } from "./disks/collector.ts";
import type { OpenDisks } from "./disks/open-disks.ts";
import type { Stores } from "./disks/stores.ts";
import { systemClock } from "./system-clock.ts";

/** What migrations ask of this engine. */
export const migrationHost = ({
  stores,
  open,
  collector,
  ...host
}: {
  readonly store: Store;
  readonly log: Log;
  readonly probe: Probe;
  readonly stores: Stores;
  readonly open: OpenDisks;
  readonly collector: Collector;
  readonly publish: MigrationHost["publish"];
}): MigrationHost => ({
  ...host,
  clock: systemClock,
  layers: {
    create: (datastore, spec) => stores.create(datastore, spec),
    stamp: (ref, stamp) => stores.stamp(ref, stamp),
    remove: (ref) =>
      stores.remove(ref).catch((error: unknown) => {
        collector.later(ref);
        throw error;
      }),
    allocatedBytes: async (ref) => (await stores.inspect(ref))?.allocatedBytes ?? 0,
    availableBytes: async (datastore) => (await stores.check(datastore, { brief: true })).availableBytes,
  },
  handle: (disk) => open.handle(disk),
  serial: (ids, work) => open.serial(ids, work),
  opened: (disk) => open.opened(disk),
  moved: (disk) => open.moved(disk),
  async reachable({ id, name }, datastore) {
    if (open.threadOf(id) !== 0 && (await stores.isProcessLocal(datastore)))
      throw new CodedError("datastore-process-local", { datastore, disk: name });
  },
});
