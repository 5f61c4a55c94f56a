import type { ResourceRow, Store } from "../../catalog/index.ts";
import { type Log, z } from "../../contract/index.ts";
import {
  IMAGE_FORMATS,
  type ImageFormat,
  imageExists,
  removeImage,
  unnameImage,
} from "../../images/index.ts";

/** An image that an export makes, as it is journalled. */
const ImageRef = z.object({
  partial: z.string().describe("where it is until it is whole"),
  path: z.string(),
  format: z.enum(IMAGE_FORMATS),
  disk: z.string(),
  sizeBytes: z.number().optional().describe("of the disk when it was begun"),
  resume: z.boolean(),
});

/** What an export is to go on with. */
interface Wanted {
  readonly disk: string;
  readonly path: string;
  readonly format: ImageFormat;
  readonly sizeBytes: number;
  readonly resume: boolean;
}

/** The image that an interrupted export has kept, if this one goes on with it. */
export async function keptImage(
  store: Store,
  { disk, path, format, sizeBytes, resume }: Wanted,
): Promise<string | undefined> {
  for (const { ref } of resume ? await store.resources.list({ disk, kind: "image" }) : []) {
    const found = ImageRef.parse(ref);
    // An image can't be made as long as a disk that was resized since.
    const same = found.path === path && found.format === format && found.sizeBytes === sizeBytes;
    if (same && (await imageExists(found.partial))) return found.partial;
  }
  return undefined;
}

/** What is gone on with is another job's now; what isn't is removed. */
export async function dropKept(
  store: Store,
  { disk, path, partial }: Pick<Wanted, "disk" | "path"> & { readonly partial: string },
): Promise<void> {
  for (const { id, ref } of await store.resources.list({ disk, kind: "image" })) {
    const found = ImageRef.parse(ref);
    if (found.path !== path) continue;
    if (found.partial !== partial) await removeImage(found.partial);
    await store.resources.forget(id);
  }
}

/**
 * An export has ended without its image, or its disk is gone: the image goes too. One that was to be resumed, and was
 * not cancelled, stays with its disk.
 */
export async function settleImage(store: Store, { id, ref, job }: ResourceRow): Promise<void> {
  const { partial, path, disk, resume } = ImageRef.parse(ref);
  await unnameImage(partial, path);
  const cancelled = job !== null && (await store.jobs.get(job))?.cancelRequested === true;
  const keeps = job !== null && resume && !cancelled && (await store.disks.get(disk)) !== undefined;
  if (keeps) return store.resources.adopt({ id }, disk);
  await removeImage(partial);
  await store.resources.forget(id);
}

/** At the start: what earlier jobs could not remove. */
export async function collectImages(store: Store, log: Log): Promise<void> {
  for (const resource of await store.resources.list({ kind: "image" }))
    try {
      const { job } = resource;
      if (job !== null && (await store.jobs.get(job))?.endedAt !== null) await settleImage(store, resource);
    } catch (error) {
      log.warn("an image that is not whole could not be removed", { ...resource.ref, reason: String(error) });
    }
}

/** The image has its name: what it had until then goes. */
export async function dropImages(store: Store, job: string): Promise<void> {
  for (const { id, ref } of await store.resources.list({ job, kind: "image" })) {
    await removeImage(ImageRef.parse(ref).partial);
    await store.resources.forget(id);
  }
}
