import { NbdClient } from "pagurus/testing";
import type { Bench } from "../common/bench.ts";
import type { Site } from "../common/site.ts";
import { dataAt, newPattern } from "../load/data.ts";
import { middle, spread, times } from "../report/table.ts";
import { startPagurus } from "../servers/pagurus.ts";
import { untilQuiet } from "./log-objects.ts";
import { plainPuts, removePlain } from "./plain.ts";
import type { Store } from "./store.ts";
import { rows, WINDOW, WRITTEN } from "./works.ts";

const MIB = 1024 * 1024;

export const throughputColumns = [
  middle("MB/s", "megabytesPerSecond"),
  spread("megabytesPerSecond"),
  middle("s", "seconds"),
];

/** The whole disk again and again, each time with a flush at its end, through NBD: objects that it replaces go meanwhile. */
export const benchWritten = async (bench: Bench, store: Store, { folder, undo }: Site): Promise<void> => {
  const { signal } = bench;
  const sizeBytes = bench.sized(1024, 64) * MIB;
  const [bucket, plain] = [await store.newBucket(undo), await store.newBucket(undo)];
  const pagurus = await startPagurus({ folder, signal, datastores: { s3: bucket.section } });
  undo.add(() => pagurus.stop());
  const { uri } = await pagurus.createDisk("bench", sizeBytes, "s3");
  await bench.measure(
    {
      place: store.name,
      name: WRITTEN,
      columns: [...throughputColumns, times(rows.puts, "megabytesPerSecond")],
      subjects: [
        {
          name: rows.bucket,
          ours: true,
          prepare: () => untilQuiet(bucket, signal),
          run: () => writeDisk(uri, signal),
        },
        {
          name: rows.puts,
          ours: false,
          run: () => plainPuts(plain, sizeBytes),
          after: () => removePlain(plain),
        },
      ],
    },
    bench.repetitions(5, 2),
  );
};

const writeDisk = async (uri: string, signal: AbortSignal) => {
  const client = await NbdClient.connect(uri, { signal });
  try {
    const startedMs = performance.now();
    let next = 0;
    const lane = async () => {
      const pattern = newPattern(MIB);
      for (let at = next++ * MIB; at < client.sizeBytes; at = next++ * MIB)
        await client.write(at, dataAt(pattern, at));
    };
    await Promise.all(Array.from({ length: WINDOW }, lane));
    await client.flush();
    const seconds = (performance.now() - startedMs) / 1000;
    return { seconds, megabytesPerSecond: client.sizeBytes / seconds / 1e6 };
  } finally {
    await client.disconnect();
  }
};
