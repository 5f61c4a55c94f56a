import { newId } from "../../catalog/index.ts";
import { CodedError, type JobContext } from "../../contract/index.ts";
import type { MoveResult } from "../../disks/index.ts";
import type { CommitTime } from "./commit-time.ts";
import type { MigrationControl } from "./control.ts";
import { finish } from "./finish.ts";
import type { MigrationHost } from "./host.ts";
import type { MigrationInput, MigrationOutput } from "./input.ts";
import { MoveGroup } from "./move-group.ts";
import { outputOf, type Planned } from "./output.ts";
import type { RunningMigrations } from "./running-migrations.ts";
import { commitSwitchOver } from "./switch-over.ts";

/** One job that moves one disk or several. */
export interface MigrationRun {
  readonly host: MigrationHost;
  readonly times: CommitTime;
  readonly running: RunningMigrations;
  readonly input: MigrationInput;
  readonly job: JobContext;
}

/** A run whose operators can reach it. */
interface ControlledRun extends Omit<MigrationRun, "running" | "input"> {
  readonly control: MigrationControl;
}

/**
 * prepared → copying → converging → stunned → switched → cleaned, and `ready` before `stunned` where an operator has
 * to say when. Until `switched` is journalled, in the same transaction as the owner records, every failure and every
 * cancel leaves the sources untouched; after it the job only goes forward.
 */
export const migrate = ({ running, input, ...run }: MigrationRun): Promise<MigrationOutput> =>
  running.run(run.job.id, input, (control) => controlled({ ...run, control }));

async function controlled(run: ControlledRun): Promise<MigrationOutput> {
  const { host, control, job, times } = run;
  const planned = await Promise.all(job.disks.map((disk) => plan(run, disk)));
  await demandSpace(run, planned);
  await job.step("prepared", () => createTargets(run, planned));
  const group = new MoveGroup({ host, job, planned, control, times });
  try {
    await job.step("copying", async () => group.start());
    await group.allReady();
    await job.step("converging", async () => undefined);
    const output = await switchOver(run, planned, group);
    return await finish({ host, job, input: control.input, output });
  } catch (error) {
    // The guests are the next start's affair: only that learns from the owner records where they may go on.
    if (!CodedError.is(error, "commit-unknown")) await group.abandon(error);
    throw error;
  }
}

/** Whatever was being done to the disk has ended before its move begins. */
async function plan({ host, control, job }: ControlledRun, disk: string): Promise<Planned> {
  const { to } = control.input;
  job.signal.throwIfAborted();
  await host.opened(disk);
  const row = await host.store.disks.get(disk);
  if (row === undefined) throw new CodedError("disk-not-found", { disk });
  await host.reachable(row, to);
  return { row, target: { datastore: to, layer: newId("lay") } };
}

/** Refused before anything is copied where it can't fit; what the guest writes meanwhile may still fill the target. */
async function demandSpace({ host, control }: ControlledRun, planned: readonly Planned[]): Promise<void> {
  const { to } = control.input;
  const availableBytes = await host.layers.availableBytes(to);
  let neededBytes = 0;
  for (const { row } of planned) neededBytes += await host.layers.allocatedBytes(row.layer);
  if (availableBytes !== undefined && availableBytes < neededBytes)
    throw new CodedError("no-space", { datastore: to, availableBytes, neededBytes });
}

/** Each target is journalled before it is created, so that no crash leaves one behind unknown. */
async function createTargets({ host, job }: ControlledRun, planned: readonly Planned[]): Promise<void> {
  for (const { row, target } of planned) {
    job.signal.throwIfAborted();
    await job.resource({ kind: "layer", ref: { ...target } });
    const stamp = { disk: row.id, epoch: row.epoch, state: "target" } as const;
    await host.layers.create(target.datastore, { layer: target.layer, sizeBytes: row.sizeBytes, stamp });
  }
}

/** Attempts until one commits; the disks' own budgets end the attempts. */
async function switchOver(
  run: ControlledRun,
  planned: readonly Planned[],
  group: MoveGroup,
): Promise<MigrationOutput> {
  const { host, job, control } = run;
  const disks = planned.map(({ row }) => row.id);
  const account = (results: readonly MoveResult[]) =>
    outputOf(planned, results, control.input, (pauseMs) => group.exceeded(pauseMs));
  for (;;) {
    await group.allReady();
    if (control.input.switchOver === "manual") {
      await tellReady(run, group);
      await group.allowed();
      continue;
    }
    const held = await group.hold();
    if (!held) continue;
    const output = account(held);
    await host.probe("switched/ready");
    if (!(await host.serial(disks, () => commit(run, planned, output, group)))) continue;
    for (const { row, target } of planned)
      host.publish({
        type: "disk.switched-over",
        job: job.id,
        disk: row.id,
        data: { from: row.layer.datastore, to: target.datastore },
      });
    const results = await group.ended(held);
    return account(results);
  }
}

/** Says, for the first time, that an operator may let the job switch over now. */
async function tellReady({ host, control, job }: ControlledRun, group: MoveGroup): Promise<void> {
  if (control.wasReady) return;
  await host.probe("ready/before");
  await host.store.jobs.journal(job.id, "ready");
  await host.probe("ready/recorded");
  control.wasReady = true;
  await group.tellBudgets();
  host.publish({ type: "job.phase-changed", job: job.id, data: { phase: "ready" } });
  host.publish({ type: "job.ready", job: job.id, data: { ...control.progress } });
  await host.probe("ready/done");
}

/** Answers with the guests going on: at their targets, or at their sources. */
async function commit(
  run: ControlledRun,
  planned: readonly Planned[],
  output: MigrationOutput,
  group: MoveGroup,
): Promise<boolean> {
  const { host, job, times } = run;
  const moves = planned.map(({ row, target }) => ({ disk: row.id, expectedEpoch: row.epoch, layer: target }));
  const { store, clock, probe, log } = host;
  try {
    // A thread that was lost meanwhile may have reopened its disk by now, and its guest may have gone on there.
    group.check();
    const committed = await commitSwitchOver(
      { job: job.id, moves, record: { output } },
      { ownerRecord: store.ownerRecord, clock, probe, times, log, signal: job.signal },
    );
    await (committed ? group.swap() : group.release());
    if (committed) await probe("switched/done");
    // Abandoning has raised the epochs: the next attempt starts from there.
    else for (const disk of planned) disk.row = { ...disk.row, epoch: disk.row.epoch + 1 };
    return committed;
  } catch (error) {
    if (!CodedError.is(error, "commit-unknown")) await group.release();
    throw error;
  }
}
