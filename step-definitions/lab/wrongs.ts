import { basename, join } from "node:path";
import type { Disk, Report } from "pagurus";
import type { Guest } from "./guest.ts";
import type { JobView } from "./job-view.ts";
import { leftLayers, namesIn } from "./leftovers.ts";

/** As much of a scenario as is looked at when it has ended. */
interface Ended {
  readonly dataDir: string;
  readonly setup: { readonly datastores: readonly string[] };
  readonly kept: ReadonlySet<string>;
  readonly guests: ReadonlyMap<string, Guest>;
  folderOf(datastore: string): string;
  call<T>(name: string, input: object): Promise<T>;
  connect(name: string): Promise<Guest>;
  showJob(id: string): Promise<JobView>;
  reports(): Promise<readonly Report[]>;
}

export const hasEnded = ({ state }: JobView): boolean => !["queued", "running"].includes(state);

/** What is wrong with an engine after a scenario that did all it said, but for the `expected` reports. */
export const wrongsOf = async (
  lab: Ended,
  { jobs, expected }: { readonly jobs: ReadonlySet<string>; readonly expected: ReadonlySet<string> },
): Promise<readonly string[]> => {
  const { items: disks } = await lab.call<{ items: readonly Disk[] }>("disks.list", { limit: 100 });
  return [
    ...(await wrongJobs(lab, jobs)),
    ...(await wrongContents(lab, disks)),
    ...(await lab.reports())
      .filter(({ id }) => !expected.has(id))
      .map(({ sentence }) => `a report that no step asked about: ${sentence}`),
    ...(await leftBehind(lab, disks)),
  ];
};

const wrongJobs = async (lab: Ended, jobs: ReadonlySet<string>): Promise<readonly string[]> => {
  const wrongs: string[] = [];
  for (const id of jobs) {
    const job = await lab.showJob(id);
    if (!hasEnded(job)) wrongs.push(`the job ${id} has not ended: it is ${job.state}, ${job.phase}`);
    if (job.state === "failed" && !job["report"]) wrongs.push(`the job ${id} failed without a report`);
  }
  return wrongs;
};

/** Disks that are not as their guests were promised, wherever they are now. */
const wrongContents = async (lab: Ended, disks: readonly Disk[]): Promise<readonly string[]> => {
  const wrongs: string[] = [];
  for (const { name } of disks.filter((disk) => lab.guests.has(disk.name))) {
    const wrong = await (await lab.connect(name)).wrongBlocks();
    if (wrong.length > 0) wrongs.push(`blocks of ${name} that are not as its guest wrote them: ${wrong}`);
  }
  return wrongs;
};

const leftBehind = async (lab: Ended, disks: readonly Disk[]): Promise<readonly string[]> => {
  const folders = new Map(lab.setup.datastores.map((id) => [id, lab.folderOf(id)]));
  const uris = disks.flatMap(({ exports }) => exports.map(({ uri }) => new URL(uri)));
  const sockets = new Set(uris.map(({ searchParams }) => basename(searchParams.get("socket") ?? "")));
  return [
    ...(await leftLayers(folders, disks, lab.kept)),
    ...(await namesIn(join(lab.dataDir, "run"))).filter((name) => !sockets.has(name)),
  ].map((name) => `left behind: ${name}`);
};
