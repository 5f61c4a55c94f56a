import type { ImageHost, MigrationHost } from "../jobs/index.ts";
import { BLOCK_SIZES, type DiskService } from "./disks/disk-service.ts";
import type { OpenDisks } from "./disks/open-disks.ts";
import type { Stores } from "./disks/stores.ts";

/** What imports and exports ask of this engine. */
export const imageHost = ({
  host,
  stores,
  open,
  disks,
}: {
  readonly host: MigrationHost;
  readonly stores: Stores;
  readonly open: OpenDisks;
  readonly disks: DiskService;
}): ImageHost => ({
  ...host,
  layers: { ...host.layers, exists: async (ref) => (await stores.inspect(ref)) !== undefined },
  usualDatastore: stores.usual,
  blockSizes: BLOCK_SIZES,
  openImage: (disk, image) => open.openImage(disk, image),
  open: (disk) => open.open(disk),
  close: (disk) => open.close(disk, { onlyIdle: false, flush: false }),
  undo: (disk) => disks.undo(disk),
});
