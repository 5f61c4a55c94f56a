import { type DiskRow, newId } from "../../catalog/index.ts";
import { CodedError, type JobContext, type LayerRef } from "../../contract/index.ts";
import type { CommitTime } from "./commit-time.ts";
import { finish } from "./finish.ts";
import type { MigrationHost } from "./host.ts";
import type { MigrationInput, MigrationOutput } from "./input.ts";
import { MoveGroup } from "./move-group.ts";
import { outputOf, type Planned } from "./output.ts";
import { commitSwitchOver } from "./switch-over.ts";

/** One job that moves one disk or several. */
export interface MigrationRun {
  readonly host: MigrationHost;
  readonly times: CommitTime;
  readonly input: MigrationInput;
  readonly job: JobContext;
}

/**
 * prepared → copying → converging → stunned → switched → cleaned. Until `switched` is journalled, in the same
 * transaction as the owner records, every failure and every cancel leaves the sources untouched; after it the job
 * only goes forward.
 */
export async function migrate(run: MigrationRun): Promise<MigrationOutput> {
  const { host, input, job, times } = run;
  const planned = await Promise.all(job.disks.map((disk) => plan(run, disk)));
  for (const { row } of planned) await host.reachable(row.id, input.to);
  await job.step("prepared", () => createTargets(run, planned));
  const group = new MoveGroup({ host, job, planned, input, commitMs: times.p99Ms });
  try {
    await job.step("copying", async () => group.start());
    await group.allReady();
    await job.step("converging", async () => undefined);
    const committed = await switchOver(run, planned, group);
    return await finish({ host, job, input, output: committed });
  } catch (error) {
    await group.abandon(error);
    throw error;
  }
}

async function plan({ host, input }: MigrationRun, disk: string): Promise<Planned> {
  const row = await host.store.disks.get(disk);
  if (row === undefined) throw new CodedError("disk-not-found", { disk });
  const target: LayerRef = { datastore: input.to, layer: newId("lay") };
  return { row, target };
}

/** Each target is journalled before it is created, so that no crash leaves one behind unknown. */
async function createTargets({ host, job }: MigrationRun, planned: readonly Planned[]): Promise<void> {
  for (const { row, target } of planned) {
    await job.resource({ kind: "layer", ref: { ...target } });
    const stamp = { disk: row.id, epoch: row.epoch, state: "target" } as const;
    await host.layers.create(target.datastore, { layer: target.layer, sizeBytes: row.sizeBytes, stamp });
  }
}

/** Attempts until one commits; the disks' own budgets end the attempts. */
async function switchOver(
  run: MigrationRun,
  planned: readonly Planned[],
  group: MoveGroup,
): Promise<MigrationOutput> {
  const { host, job, input } = run;
  const disks = planned.map(({ row }) => row.id);
  for (;;) {
    await group.allReady();
    const held = await group.hold();
    if (!held) continue;
    const output = outputOf(planned, held, input);
    const committed = await host.serial(disks, () => commit(run, planned, output, group));
    if (!committed) continue;
    await group.swap();
    await host.probe("switched/done");
    for (const { row } of planned) await host.moved(row.id);
    for (const { row, target } of planned)
      host.publish({
        type: "disk.switched-over",
        job: job.id,
        disk: row.id,
        data: { from: row.layer.datastore, to: target.datastore },
      });
    const results = await group.ended(held);
    return outputOf(planned, results, input);
  }
}

async function commit(
  run: MigrationRun,
  planned: readonly Planned[],
  output: MigrationOutput,
  group: MoveGroup,
): Promise<boolean> {
  const { host, job, times } = run;
  const moves = planned.map(({ row, target }) => ({ disk: row.id, expectedEpoch: row.epoch, layer: target }));
  const { store, clock, probe, log } = host;
  const switchOver = { job: job.id, moves, record: { output } };
  try {
    const committed = await commitSwitchOver(
      switchOver,
      { ownerRecord: store.ownerRecord, clock, probe, times },
      (reason) =>
        log.warn("the outcome of a switch-over is not known yet; the guest waits", { job: job.id, reason }),
    );
    if (!committed) await abandoned(planned, store.disks.get, group);
    return committed;
  } catch (error) {
    await group.release();
    throw error;
  }
}

/** Abandoning has raised the epochs: the next attempt starts from there. */
async function abandoned(
  planned: readonly Planned[],
  get: (id: string) => Promise<DiskRow | undefined>,
  group: MoveGroup,
): Promise<void> {
  for (const disk of planned) disk.row = (await get(disk.row.id)) ?? disk.row;
  await group.release();
}
