/** For the tests: a process that journals into the catalog of its argument until it is killed. */
import { countingClock, startedCatalog } from "./scratch-store.ts";
import { openStore } from "./store.ts";

const catalog = await startedCatalog(process.argv[2] ?? "");
await catalog.lock();
const { jobs } = await openStore(catalog, { clock: countingClock() });
await jobs.insert({ id: "job-1", function: "f", input: {}, disks: [] });
for (let seq = 1; ; seq += 1) {
  await jobs.journal("job-1", "copying", { seq });
  await new Promise((sent) => process.send?.(seq, sent));
}
