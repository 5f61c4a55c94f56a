import type { DiskRow, Store } from "../../catalog/index.ts";
import { CodedError } from "../../contract/index.ts";
import type { FoundImage } from "../../images/index.ts";
import type { Import } from "./host.ts";

/** The kind of record that says of a disk that is still being made that its import may be resumed. */
const RESUMABLE = "resumable-import";

export const keepForResuming = async ({ resources }: Store, { id }: DiskRow): Promise<void> =>
  void (await resources.record({ kind: RESUMABLE, ref: {}, disk: id }));

/** Whether what there is of the disk stays when its import is interrupted. */
export const mayBeResumed = async ({ resources }: Store, { id, state }: DiskRow): Promise<boolean> =>
  state === "creating" && (await resources.list({ disk: id, kind: RESUMABLE })).length > 0;

/** Refuses a name that is taken: `disk-exists`, `disk-half-imported` where `resume` would go on with it. */
export async function demandFreeName(store: Store, name: string, resume: boolean): Promise<void> {
  const row = await store.disks.find(name);
  if (row === undefined) return;
  if (!(await mayBeResumed(store, row))) throw new CodedError("disk-exists", { disk: name });
  if (!resume) throw new CodedError("disk-half-imported", { disk: name });
}

/** The disk that an interrupted import has left, given to this one. `disk-imported-otherwise`, `migration-running`. */
export async function halfImported(
  { host: { store }, input, job }: Import,
  image: FoundImage,
): Promise<DiskRow | undefined> {
  const row = input.resume ? await store.disks.find(input.name) : undefined;
  if (row === undefined || !(await mayBeResumed(store, row))) return undefined;
  const { datastore } = row.layer;
  const wanted = input.datastore ?? datastore;
  if (row.sizeBytes !== image.sizeBytes || wanted !== datastore)
    throw new CodedError("disk-imported-otherwise", {
      disk: row.name,
      sizeBytes: row.sizeBytes,
      datastore,
      wanted: `${image.sizeBytes} bytes in ${wanted}`,
    });
  await store.disks.takeUp(row.id, job.id);
  return row;
}
