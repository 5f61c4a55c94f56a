import { CodedError, type JobContext, type LayerRef, reasonOf, refText } from "../../contract/index.ts";
import type { MigrationHost } from "./host.ts";
import type { MigrationInput, MigrationOutput } from "./input.ts";
import { withPause } from "./output.ts";

export interface Finish {
  readonly host: MigrationHost;
  readonly job: JobContext;
  readonly input: MigrationInput;
  readonly output: MigrationOutput;
}

/**
 * What is left once the owner records name the targets. Only forward, and every part of it bears being done again:
 * also after a crash. What fails here is a warning, never the verdict.
 */
export async function finish({ host, job, input, output }: Finish): Promise<MigrationOutput> {
  const warnings: string[] = [];
  const confirmed: { readonly disk: string; readonly from: LayerRef }[] = [];
  let pauseMs = output.pauseMs;
  for (const [index, { from, to, epochAfter }] of output.moves.entries()) {
    const disk = job.disks[index] as string;
    try {
      await adopt(host, job, disk, to);
      const confirmMs = await reopenedOnce(async () => {
        await host.opened(disk);
        await host.layers.stamp(to, { disk, epoch: epochAfter, state: "owner" });
        await host.moved(disk);
        return (await host.handle(disk).confirm(output.maxPauseMs)).pauseMs;
      });
      pauseMs = Math.max(pauseMs, confirmMs);
      await host.layers.stamp(from, { disk, epoch: epochAfter, state: "former" }).catch(ignoreGone);
      confirmed.push({ disk, from });
    } catch (error) {
      warnings.push(`${refText(from)} is left where it is: ${reasonOf(error)}`);
    }
  }
  await job.step("cleaned", async () => {
    for (const { disk, from } of confirmed)
      try {
        await leave(host, disk, from, input.keepSource);
      } catch (error) {
        warnings.push(`${refText(from)} could not be removed: ${reasonOf(error)}`);
      }
  });
  return withPause({ ...output, warnings: [...output.warnings, ...warnings] }, pauseMs);
}

/** A disk thread that ends meanwhile is no reason to leave anything behind: its disks are reopened. */
const reopenedOnce = <T>(work: () => Promise<T>): Promise<T> =>
  work().catch((error: unknown) => {
    if (CodedError.is(error, "disk-thread-lost")) return work();
    throw error;
  });

/** Taken up again after the source was removed already. */
const ignoreGone = (error: unknown): void => {
  if (!CodedError.is(error, "layer-not-found")) throw error;
};

async function adopt(host: MigrationHost, job: JobContext, disk: string, target: LayerRef): Promise<void> {
  for (const { id, ref } of await host.store.resources.list({ job: job.id }))
    if (ref["layer"] === target.layer) await host.store.resources.adopt({ id }, disk);
}

/** The former layer goes; one that is kept is nobody's any more. */
async function leave(host: MigrationHost, disk: string, from: LayerRef, keep: boolean): Promise<void> {
  if (!keep) await host.layers.remove(from);
  for (const { id, ref } of await host.store.resources.list({ disk, kind: "layer" }))
    if (ref["layer"] === from.layer) await host.store.resources.forget(id);
}
