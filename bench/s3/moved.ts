import type { Bench } from "../common/bench.ts";
import type { Site } from "../common/site.ts";
import { fill } from "../load/fio.ts";
import { liveColumns, liveSubject } from "../move/live.ts";
import type { Mover } from "../move/mover.ts";
import { times } from "../report/table.ts";
import { moveDisk } from "../servers/migration.ts";
import { startPagurus } from "../servers/pagurus.ts";
import { plainPuts, removePlain } from "./plain.ts";
import type { Store } from "./store.ts";
import { MAX_PAUSE_MS, MOVE, rows } from "./works.ts";

const MIB = 1024 * 1024;

/** From a local disk into the bucket while fio writes, which a request that fails would end. */
export const benchMoved = async (bench: Bench, store: Store, site: Site): Promise<void> => {
  const { folder, undo } = site;
  const { signal } = bench;
  const sizeBytes = bench.sized(1024, 256) * MIB;
  const [bucket, plain] = [await store.newBucket(undo), await store.newBucket(undo)];
  const pagurus = await startPagurus({ folder, signal, datastores: { s3: bucket.section } });
  undo.add(() => pagurus.stop());
  // A bucket is tried with some 200 requests before it is ever used.
  await pagurus.engine.invoke("datastores.check", { id: "s3" }, { signal });
  const { uri } = await pagurus.createDisk("bench", sizeBytes);
  await fill(uri, { cwd: folder, signal });
  const mover: Mover = {
    name: rows.bucket,
    ours: true,
    uri,
    move: (budgets) => moveDisk(pagurus, { disk: "bench", to: "s3", signal, input: { ...budgets } }),
    async back() {
      if ((await pagurus.show("bench")).datastore === "s3")
        await moveDisk(pagurus, { disk: "bench", to: "left", signal });
    },
  };
  const live = liveSubject(bench, mover, {
    folder,
    sizeBytes,
    load: { depth: 4, iops: 2000 },
    maxPauseMs: MAX_PAUSE_MS,
    idleSeconds: undefined,
  });
  await bench.measure(
    {
      place: store.name,
      name: MOVE,
      columns: [...liveColumns, times(rows.puts, "seconds")],
      subjects: [
        live,
        {
          name: rows.puts,
          ours: false,
          run: () => plainPuts(plain, sizeBytes),
          after: () => removePlain(plain),
        },
      ],
    },
    bench.repetitions(5, 1),
  );
};
