import { type JobContext, z } from "../../contract/index.ts";
import { demandFreePlace, nameImage } from "../../images/index.ts";
import { NAMED } from "./export-disk.ts";
import type { ImageHost } from "./host.ts";
import { dropImages } from "./image-resource.ts";
import { ImagePath } from "./input.ts";

export const RemainsInput = z.strictObject({
  id: z.string().describe("the datastore"),
  layer: z.string().describe("as `datastores inspect` calls it"),
  path: ImagePath.describe("the raw image to make, on the server's machine"),
  before: z.int().min(1).optional().describe("as a repair with this as its `--cut-at` would leave the layer"),
  zeroDamaged: z
    .boolean()
    .default(false)
    .describe("what can't be read becomes zeroes and is listed; without it the export fails there"),
});
export type RemainsInput = z.output<typeof RemainsInput>;

export const RemainsOutput = z.object({
  datastore: z.string(),
  layer: z.string(),
  path: z.string(),
  sizeBytes: z.number(),
  bytesCopied: z.number(),
  damaged: z
    .array(z.object({ offset: z.number(), length: z.number() }))
    .describe("zeroes in place of what can't be read; the first ones"),
  damagedBytes: z.number().describe("in all such ranges"),
});
export type RemainsOutput = z.output<typeof RemainsOutput>;

/** Makes an image of what remains of a layer; it has a name of its own until it is whole. */
export async function exportRemains(
  { store, probe }: ImageHost,
  copy: (
    partial: string,
  ) => Promise<Pick<RemainsOutput, "sizeBytes" | "bytesCopied" | "damaged" | "damagedBytes">>,
  { id: datastore, layer, path }: RemainsInput,
  job: JobContext,
): Promise<RemainsOutput> {
  const partial = `${path}.${job.id}.partial`;
  const copied = await job.step("copying", async () => {
    await job.resource({ kind: "image", ref: { partial, path, format: "raw", disk: layer, resume: false } });
    return copy(partial);
  });
  job.signal.throwIfAborted();
  const output = { datastore, layer, path, ...copied };
  await probe("named/before");
  await demandFreePlace(path);
  await nameImage(partial, path);
  await probe("named/done");
  await store.jobs.journal(job.id, NAMED, { output });
  await probe("named/recorded");
  await dropImages(store, job.id);
  return output;
}

/** What is left once the image has its name. */
export async function finishRemains({ store }: ImageHost, job: JobContext): Promise<RemainsOutput> {
  const named = (await store.jobs.entries(job.id)).find(({ state }) => state === NAMED);
  await dropImages(store, job.id);
  return RemainsOutput.parse(named?.data?.["output"]);
}
