import { type DiskRow, newId } from "../../catalog/index.ts";
import { CodedError, type JobContext, LONGEST_PAUSE_MS } from "../../contract/index.ts";
import type { MoveResult } from "../../disks/index.ts";
import { type FoundImage, inspectImage } from "../../images/index.ts";
import { USUAL_STRATEGY } from "../migration/input.ts";
import { Backoff, persist } from "../persist.ts";
import { copyWhole } from "./copy-whole.ts";
import { halfImported, keepForResuming } from "./half-imported.ts";
import type { ImageHost, Import } from "./host.ts";
import { ImportOutput } from "./input.ts";

/** The record, in one transaction with the disk's state, by which the disk is there: from there on only forward. */
export const IMPORTED = "imported";

/** Nobody is attached: nothing is held up, and only the target's own flush can take long. */
const UNHURRIED = { maxPauseMs: LONGEST_PAUSE_MS, guestImpact: 100, maxAttempts: 100 };

/**
 * Makes a disk of an image. It is in the catalog as `creating` until it is whole: shown, and attached to by nobody. A
 * failure, a cancel and a crash leave nothing of it; with `resume` only a cancel does.
 */
export async function importDisk({ host, input, job }: Import): Promise<ImportOutput> {
  const { path, format, resume } = input;
  const image = await inspectImage(path, { format, signal: job.signal });
  const half = await halfImported({ host, input, job }, image);
  const row = half ?? (await begin({ host, input, job }, image));
  try {
    const result = await job.step("copying", () =>
      copy({ host, input, job }, row, image, half !== undefined),
    );
    job.signal.throwIfAborted();
    return await serve({ host, input, job }, row, image, result);
  } catch (error) {
    // Whether the disk is there the catalog alone knows, and the job goes by that.
    if (CodedError.is(error, "catalog-unavailable")) throw error;
    const cancelled = CodedError.is(job.signal.reason, "cancelled");
    await host.close(row.id);
    if (cancelled || !resume) await host.undo(row);
    throw error;
  }
}

/** What a job answers that had ended but for saying so. */
export async function finishImport({ store }: ImageHost, job: JobContext): Promise<ImportOutput> {
  const imported = (await store.jobs.entries(job.id)).find(({ state }) => state === IMPORTED);
  return ImportOutput.parse(imported?.data?.["output"]);
}

/** The disk and its layer are in the catalog before the layer is made. */
async function begin({ host, input, job }: Import, image: FoundImage): Promise<DiskRow> {
  const { store, layers, blockSizes } = host;
  const datastore = input.datastore ?? host.usualDatastore;
  const neededBytes = image.allocatedBytes;
  const availableBytes = await layers.availableBytes(datastore);
  if (availableBytes !== undefined && availableBytes < neededBytes)
    throw new CodedError("no-space", { datastore, availableBytes, neededBytes });
  const layer = { datastore, layer: newId("lay") };
  const { sizeBytes } = image;
  const disk = { id: newId("dsk"), name: input.name, sizeBytes, blockSizes, layer };
  const row = await store.disks.insert(disk, { job: job.id });
  try {
    await store.resources.record({ kind: "layer", ref: { ...layer }, disk: row.id });
    if (input.resume) await keepForResuming(store, row);
  } catch (error) {
    await host.undo(row);
    throw error;
  }
  return row;
}

/** The image is what the disk reads until it has been moved, as any disk is, to its layer. */
async function copy(
  { host, input, job }: Import,
  row: DiskRow,
  image: FoundImage,
  resume: boolean,
): Promise<MoveResult> {
  const { layer, sizeBytes } = row;
  const stamp = { disk: row.id, epoch: row.epoch, state: "target" } as const;
  if (!resume || !(await host.layers.exists(layer)))
    await host.layers.create(layer.datastore, { layer: layer.layer, sizeBytes, stamp });
  job.signal.throwIfAborted();
  const { path, format } = image;
  const { maxBytesPerSecond } = input;
  await host.openImage(row, { path, format, sizeBytes });
  const budgets = { ...UNHURRIED, ...(maxBytesPerSecond !== undefined && { maxBytesPerSecond }) };
  const start = {
    target: layer,
    strategy: USUAL_STRATEGY,
    budgets,
    verify: "proof",
    commitMs: 0,
    resume,
  } as const;
  const result = await copyWhole({ handle: host.handle(row.id), start, verdict: "swap", job });
  await host.close(row.id);
  return result;
}

/** Open first, then available and the job's own end in one transaction: no crash comes between the two. */
async function serve(
  { host, job }: Import,
  row: DiskRow,
  image: FoundImage,
  { bytesCopied, bytesZero, verification, usage }: MoveResult,
): Promise<ImportOutput> {
  const { id, name: disk, sizeBytes, layer } = row;
  const { path, format, paddedBytes } = image;
  const { datastore } = layer;
  const output = {
    disk,
    path,
    format,
    datastore,
    sizeBytes,
    paddedBytes,
    bytesCopied,
    bytesZero,
    verification: { ...verification },
    usage,
  };
  await host.serial([id], () => host.open(row));
  await host.probe("imported/before");
  const entry = { job: job.id, state: IMPORTED, data: { output } };
  const made = () => host.store.disks.setState(id, "available", { entry });
  await persist(made, new Backoff(job.clock, job.signal));
  await host.probe("imported/recorded");
  host.publish({ type: "disk.created", job: job.id, disk: id, data: { name: disk } });
  return output;
}
