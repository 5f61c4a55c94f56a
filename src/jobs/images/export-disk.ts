import type { DiskRow } from "../../catalog/index.ts";
import { CodedError, type JobContext } from "../../contract/index.ts";
import { demandFreePlace, demandSpaceFor, namedFormat, nameImage } from "../../images/index.ts";
import { budgetsOf, USUAL_STRATEGY } from "../migration/input.ts";
import { copyWhole } from "./copy-whole.ts";
import type { Export, ImageHost } from "./host.ts";
import { dropImages, dropKept, keptImage } from "./image-resource.ts";
import { ExportOutput } from "./input.ts";

/** The record by which the image has its name and is whole: from there on the job only goes forward. */
export const NAMED = "named";

/**
 * Copies a disk to an image beside its guest, as it is in one moment. The image has a name of its own until it is
 * whole: no crash and no cancel leaves anything under the name that was asked for.
 */
export async function exportDisk({ host, input, job }: Export): Promise<ExportOutput> {
  const { path, resume } = input;
  const row = await diskOf(host, job);
  const format = namedFormat(path, input.format);
  const { sizeBytes } = row;
  const kept = await keptImage(host.store, { disk: row.id, path, format, sizeBytes, resume });
  if (kept === undefined) await demandSpaceFor(path, await host.layers.allocatedBytes(row.layer));
  const partial = kept ?? `${path}.${job.id}.partial`;
  const result = await job.step("copying", async () => {
    await job.resource({ kind: "image", ref: { partial, path, format, disk: row.id, sizeBytes, resume } });
    await dropKept(host.store, { disk: row.id, path, partial });
    return copyWhole({
      ...{ handle: host.handle(row.id), verdict: "keep", job },
      start: {
        target: { path: partial, format, sizeBytes },
        ...{ strategy: USUAL_STRATEGY, budgets: budgetsOf(input), verify: "proof", commitMs: 0 },
        resume: kept !== undefined,
      },
    });
  });
  job.signal.throwIfAborted();
  const { bytesCopied, bytesZero, pauseMs, attempts, verification, usage } = result;
  const { name: disk } = row;
  const output = {
    ...{ disk, path, format, sizeBytes, bytesCopied, bytesZero, attempts },
    verification: { ...verification },
    usage,
    pauseMs: Math.round(pauseMs * 10) / 10,
  };
  await host.probe("named/before");
  await demandFreePlace(path);
  await nameImage(partial, path);
  await host.probe("named/done");
  await host.store.jobs.journal(job.id, NAMED, { output });
  await host.probe("named/recorded");
  await dropImages(host.store, job.id);
  return output;
}

/** What is left once the image has its name. */
export async function finishExport({ store }: ImageHost, job: JobContext): Promise<ExportOutput> {
  const named = (await store.jobs.entries(job.id)).find(({ state }) => state === NAMED);
  await dropImages(store, job.id);
  return ExportOutput.parse(named?.data?.["output"]);
}

/** Whatever was being done to it has ended. */
async function diskOf({ opened, store }: ImageHost, { disks: [disk = ""] }: JobContext): Promise<DiskRow> {
  await opened(disk);
  const row = await store.disks.get(disk);
  if (row === undefined) throw new CodedError("disk-not-found", { disk });
  return row;
}
