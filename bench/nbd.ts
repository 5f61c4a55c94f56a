import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Measured, measure, type Work } from "./fio.ts";
import { type BenchServer, startNbdkit, startPagurus, startQemuNbd } from "./servers.ts";

const SIZE_BYTES = 512 * 1024 * 1024;
const works: readonly Work[] = [
  { name: "4k randread qd1", rw: "randread", blockSize: "4k", depth: 1 },
  { name: "4k randread qd16", rw: "randread", blockSize: "4k", depth: 16 },
  { name: "4k randwrite qd16", rw: "randwrite", blockSize: "4k", depth: 16 },
  { name: "128k read qd8", rw: "read", blockSize: "128k", depth: 8 },
  { name: "128k write qd8", rw: "write", blockSize: "128k", depth: 8 },
];

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

/** NBD servers side by side: repetitions interleaved, medians, ratios to qemu-nbd in the same run. */
export async function benchNbd({
  quick,
  folder,
}: {
  quick: boolean;
  folder: string | undefined;
}): Promise<void> {
  const place = await mkdtemp(join(folder ?? tmpdir(), "pagurus-bench-"));
  const seconds = quick ? 1 : 3;
  const repetitions = quick ? 3 : 5;
  const servers: BenchServer[] = [];
  try {
    for (const start of [startPagurus, startQemuNbd, startNbdkit])
      servers.push(await start(place, SIZE_BYTES));
    for (const server of servers)
      await measure(server, { name: "fill", rw: "write", blockSize: "1m", depth: 4 }, 2, place);
    for (const work of works) {
      const runs = new Map<string, Measured[]>(servers.map(({ name }) => [name, []]));
      for (let repetition = 0; repetition < repetitions; repetition++)
        for (const server of servers)
          runs.get(server.name)?.push(await measure(server, work, seconds, place));
      print(work, runs);
    }
  } finally {
    for (const server of servers) await server.stop();
    await rm(place, { recursive: true, force: true });
  }
}

function print(work: Work, runs: ReadonlyMap<string, readonly Measured[]>): void {
  const of = (name: string, key: keyof Measured) => median((runs.get(name) ?? []).map((run) => run[key]));
  process.stdout.write(`\n${work.name}\n`);
  for (const name of runs.keys()) {
    const spread = (runs.get(name) ?? []).map(({ iops }) => Math.round(iops)).join(" ");
    const ratio = of(name, "iops") / of("qemu-nbd", "iops");
    const cells = [
      name.padEnd(10),
      `${Math.round(of(name, "iops"))} IOPS`.padStart(13),
      `${ratio.toFixed(2)}x qemu-nbd`.padStart(15),
      `p99 ${Math.round(of(name, "p99Us"))} us`.padStart(13),
      `server ${of(name, "cpuUs").toFixed(1)} us/op`.padStart(18),
      `(${spread})`,
    ];
    process.stdout.write(`  ${cells.join("  ")}\n`);
  }
}
