import type { Selectable, Transaction } from "kysely";
import { CodedError } from "../contract/index.ts";
import { fromText } from "./json-text.ts";
import type { Tables } from "./tables.ts";

/** Gives the disks to the job, in the caller's transaction. A disk that the job holds already is no obstacle. */
export const claimDisks = async (
  trx: Transaction<Tables>,
  ids: readonly string[],
  job: string,
): Promise<void> => {
  for (const id of ids) {
    await demandFreeDisk(trx, id, job);
    await trx.updateTable("disk").set({ job }).where("id", "=", id).execute();
  }
};

/** The job works on a disk that it has made, or goes on making. */
export const addDisk = async (trx: Transaction<Tables>, disk: string, job: string): Promise<void> => {
  const row = await trx.selectFrom("job").select("disks").where("id", "=", job).executeTakeFirstOrThrow();
  const disks = JSON.stringify([...fromText<readonly string[]>(row.disks), disk]);
  await trx.updateTable("job").set({ disks }).where("id", "=", job).execute();
  await trx.insertInto("job_disk").values({ disk, job }).execute();
};

/** `disk-not-found`; further as `demandFree`. */
export const demandFreeDisk = async (trx: Transaction<Tables>, id: string, job?: string): Promise<void> => {
  const disk = await trx
    .selectFrom("disk")
    .select(["name", "state", "job"])
    .where("id", "=", id)
    .executeTakeFirst();
  if (!disk) throw new CodedError("disk-not-found", { disk: id });
  demandFree(disk, job);
};

/** `migration-running` where a job holds the disk (other than `job`), `disk-in-use` where it is not `available`. */
export const demandFree = (
  disk: Pick<Selectable<Tables["disk"]>, "name" | "state" | "job">,
  job?: string,
): void => {
  if (disk.job !== null && disk.job !== job)
    throw new CodedError("migration-running", { disk: disk.name, job: disk.job });
  if (disk.state !== "available")
    throw new CodedError("disk-in-use", { disk: disk.name, user: users[disk.state] });
};

const users = { creating: "it is still being created", removing: "it is being removed" } as const;

export const releaseDisks = async (trx: Transaction<Tables>, job: string): Promise<void> => {
  await trx.updateTable("disk").set({ job: null }).where("job", "=", job).execute();
};
