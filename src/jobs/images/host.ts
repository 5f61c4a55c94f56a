import type { DiskRow, Store } from "../../catalog/index.ts";
import type { BlockSizes, JobContext, LayerRef } from "../../contract/index.ts";
import type { ImageFile } from "../../images/index.ts";
import type { MigrationHost } from "../migration/host.ts";
import type { ExportInput, ImportInput } from "./input.ts";

/** What imports and exports ask of the engine, besides what migrations do. */
export interface ImageHost
  extends Pick<MigrationHost, "log" | "probe" | "handle" | "opened" | "serial" | "publish"> {
  readonly store: Store;
  readonly layers: MigrationHost["layers"] & { exists(ref: LayerRef): Promise<boolean> };
  /** Where a disk goes that was given no place. */
  readonly usualDatastore: string;
  /** Of a new disk. */
  readonly blockSizes: BlockSizes;
  /** Opens a disk that is being imported: it reads from its image. */
  openImage(disk: DiskRow, image: ImageFile): Promise<void>;
  /** Opens a disk at its layer and lets clients attach once it is available. */
  open(disk: DiskRow): Promise<void>;
  close(disk: string): Promise<void>;
  /** Removes a disk that was not made, and all that there is of it. */
  undo(disk: DiskRow): Promise<void>;
}

/** One job that makes a disk of an image. */
export interface Import {
  readonly host: ImageHost;
  readonly input: ImportInput;
  readonly job: JobContext;
}

/** One job that copies a disk to an image. */
export interface Export {
  readonly host: ImageHost;
  readonly input: ExportInput;
  readonly job: JobContext;
}
