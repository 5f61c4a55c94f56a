import { setTimeout as sleep } from "node:timers/promises";
import { type JsonObject, z } from "../../src/contract/index.ts";
import type { Bench } from "../common/bench.ts";
import { settleDisk } from "../common/page-cache.ts";
import type { Site } from "../common/site.ts";
import { fill } from "../load/fio.ts";
import { middle, spread, times } from "../report/table.ts";
import { cancelMove, startMove } from "../servers/migration.ts";
import { type Pagurus, startPagurus } from "../servers/pagurus.ts";
import { measureLoad } from "./fio-subject.ts";
import { HELD_MOVE } from "./works.ts";

const MIB = 1024 * 1024;
const SLOWEST = 4096;
const LOOK_MS = 20;
const load = { rw: "randwrite", blockSize: "4k", depth: 16 } as const;

/** What the tracking of a move costs the write path: the same writes with and without a move that copies nothing. */
export const benchHeldMove = async (bench: Bench, { place, folder, undo }: Site): Promise<void> => {
  const { signal } = bench;
  const pagurus = await startPagurus({ folder, signal });
  undo.add(() => pagurus.stop());
  const { uri } = await pagurus.createDisk("bench", bench.sized(1024, 128) * MIB);
  await fill(uri, { cwd: folder, signal });
  const hold = await howToHold(pagurus);
  bench.note(`${HELD_MOVE}: ${hold.how}`);
  const seconds = bench.sized(3, 1);
  const run = () => measureLoad({ uri, pid: pagurus.pid }, { ...load, seconds }, { cwd: folder, signal });
  let held = "";
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
            held = await hold.start(signal);
            await settleDisk(folder, signal);
          },
          run,
          after: () => cancelMove(pagurus, held),
        },
      ],
    },
    bench.repetitions(9, 3),
  );
};

interface Hold {
  /** For the reader of the figures. */
  readonly how: string;
  /** Answers the job's id once the move holds still. */
  start(signal: AbortSignal): Promise<string>;
}

/**
 * A server that can adjust a running move holds it after the bulk copy, where every write is marked. Another one
 * holds it in the bulk copy, where writes ahead of the cursor may need no mark.
 */
const howToHold = async (pagurus: Pagurus): Promise<Hold> => {
  const { engine } = pagurus;
  const functions = await engine.functions();
  const start = functions.find(({ name }) => name === "migrations.start");
  const manual = "switchOver" in z.looseObject({}).catch({}).parse(start?.input["properties"]);
  const adjust = functions.some(({ name }) => name === "migrations.adjust");
  const begin = async (input: JsonObject, phase: string, signal: AbortSignal): Promise<string> => {
    const move = await startMove(pagurus, { disk: "bench", to: "right", input, signal });
    while ((await move.look()).phase !== phase) await sleep(LOOK_MS, undefined, { signal });
    return move.id;
  };
  if (manual && adjust)
    return {
      how: "held after the bulk copy, where every write is marked",
      async start(signal) {
        const id = await begin({ switchOver: "manual" }, "ready", signal);
        await engine.invoke("migrations.adjust", { id, maxBytesPerSecond: SLOWEST }, { signal });
        return id;
      },
    };
  return {
    how: "held in the bulk copy by maxBytesPerSecond; writes ahead of it may need no mark",
    start: (signal) => begin({ maxBytesPerSecond: SLOWEST }, "copying", signal),
  };
};
