import { setTimeout as sleep } from "node:timers/promises";
import { CodedError } from "../../src/contract/index.ts";
import type { Bench } from "../common/bench.ts";
import { settleDisk } from "../common/page-cache.ts";
import type { Site } from "../common/site.ts";
import { fill } from "../load/fio.ts";
import { middle, spread, times } from "../report/table.ts";
import { cancelMove, type StartedMove, startMove } from "../servers/migration.ts";
import { type Pagurus, startPagurus } from "../servers/pagurus.ts";
import { measureLoad } from "./fio-subject.ts";
import { HELD_MOVE } from "./works.ts";

const MIB = 1024 * 1024;
const SLOWEST_BYTES_PER_SECOND = 4096;
const LOOK_MS = 20;
const load = { rw: "randwrite", blockSize: "4k", depth: 16 } as const;

/** What the tracking of a move costs the write path: the same writes with and without a move that copies nothing. */
export const benchHeldMove = async (bench: Bench, { place, folder, undo }: Site): Promise<void> => {
  const { signal } = bench;
  const pagurus = await startPagurus({ folder, signal });
  undo.add(() => pagurus.stop());
  const { uri } = await pagurus.createDisk("bench", bench.sized(1024, 128) * MIB);
  await fill(uri, { cwd: folder, signal });
  const seconds = bench.sized(3, 1);
  const run = () => measureLoad({ uri, pid: pagurus.pid }, { ...load, seconds }, { cwd: folder, signal });
  let held: StartedMove | undefined;
  await bench.measure(
    {
      place: place.name,
      name: HELD_MOVE,
      columns: [
        middle("IOPS", "iops"),
        spread("iops"),
        times("no move", "iops"),
        middle("p99 us", "p99Us"),
        middle("server us/op", "cpuUs"),
        times("no move", "cpuUs", "cpu x no move"),
      ],
      subjects: [
        { name: "no move", ours: true, prepare: () => settleDisk(folder, signal), run },
        {
          name: "move held",
          ours: true,
          async prepare() {
            held = await hold(pagurus, signal);
            await settleDisk(folder, signal);
          },
          async run() {
            const values = await run();
            if ((await held?.look())?.ended !== false)
              throw new CodedError("internal", { reason: "the move ended while it should have been held" });
            return values;
          },
          after: async () => held && cancelMove(pagurus, held.id),
        },
      ],
    },
    bench.repetitions(9, 3),
  );
};

/** Starts a move and holds it after the bulk copy, where every write is marked. */
const hold = async (pagurus: Pagurus, signal: AbortSignal): Promise<StartedMove> => {
  const input = { switchOver: "manual" };
  const move = await startMove(pagurus, { disk: "bench", to: "right", input, signal });
  while ((await move.look()).phase !== "ready") await sleep(LOOK_MS, undefined, { signal });
  await pagurus.engine.invoke(
    "migrations.adjust",
    { id: move.id, maxBytesPerSecond: SLOWEST_BYTES_PER_SECOND },
    { signal },
  );
  return move;
};
