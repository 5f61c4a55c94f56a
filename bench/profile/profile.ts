import { join } from "node:path";
import type { Bench } from "../common/bench.ts";
import { demandInstalled } from "../common/installed.ts";
import { runProgram } from "../common/program.ts";
import { type Site, withSite } from "../common/site.ts";
import { fill, startFio } from "../load/fio.ts";
import { works } from "../nbd/works.ts";
import { startPagurus } from "../servers/pagurus.ts";
import { type Share, sharesOf } from "./shares.ts";

const SIZE_BYTES = 512 * 1024 * 1024;
const SAMPLES_PER_SECOND = 2000;
const OBJECTS = 6;
const SYMBOLS = 12;

/** Where the server's processor time goes for each kind of cached work, as `perf` sees it: kernel, Node, our own code. */
export const benchProfile = async (bench: Bench): Promise<void> => {
  demandInstalled("fio");
  demandInstalled("perf");
  for (const place of bench.places)
    await withSite(place, async (site) => {
      const { folder, undo } = site;
      const pagurus = await startPagurus({ folder, signal: bench.signal });
      undo.add(() => pagurus.stop());
      const { uri } = await pagurus.createDisk("bench", SIZE_BYTES);
      await fill(uri, { signal: bench.signal, cwd: folder });
      for (const { name, load } of works) {
        if (!bench.wants(name)) continue;
        const fio = startFio(uri, { ...load, seconds: 60 }, { signal: bench.signal, cwd: folder });
        undo.add(() => fio.stop());
        const report = await profile(bench, site, pagurus.pid);
        const { iops } = await fio.result();
        bench.note(`\n${place.name}, ${name}: ${Math.round(iops)} per second while profiled`);
        for (const line of report) bench.note(`  ${line}`);
      }
    });
};

/** First what share is whose, then the functions that take most. */
const profile = async (bench: Bench, { folder }: Site, pid: number): Promise<readonly string[]> => {
  const data = join(folder, "perf.data");
  const options = { signal: bench.signal, cwd: folder };
  const seconds = String(bench.sized(5, 2));
  const record = ["record", "-o", data, "-F", String(SAMPLES_PER_SECOND), "-p", String(pid)];
  await runProgram("perf", [...record, "--", "sleep", seconds], options);
  const report = async (sort: string) => {
    const how = ["report", "-i", data, "--stdio", "--no-children", "--sort", sort];
    return sharesOf((await runProgram("perf", how, options)).output);
  };
  const objects = await report("dso");
  const symbols = await report("dso,symbol");
  const lineOf = ({ percent, what }: Share) => `${percent.toFixed(1).padStart(5)} %  ${what}`;
  return [...objects.slice(0, OBJECTS).map(lineOf), "", ...symbols.slice(0, SYMBOLS).map(lineOf)];
};
