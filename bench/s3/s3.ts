import type { Bench } from "../common/bench.ts";
import { demandInstalled } from "../common/installed.ts";
import { demandSpace } from "../common/place.ts";
import { type Site, withSite } from "../common/site.ts";
import { withUndo } from "../common/undo.ts";
import { benchAmplification } from "./amplification.ts";
import { benchFlushed } from "./flushed.ts";
import { s3Goals } from "./goals.ts";
import { benchMoved } from "./moved.ts";
import { benchReads } from "./reads.ts";
import { benchRecovery } from "./recovery.ts";
import { openStores, type Store } from "./store.ts";
import { benchWritten } from "./throughput.ts";
import { AMPLIFICATION, COLD, FLUSHED, MOVE, RECOVERY, WARM, WRITTEN } from "./works.ts";

const GIB = 1024 ** 3;

type Part = (bench: Bench, store: Store, site: Site) => Promise<void>;
const parts: readonly (readonly [readonly string[], Part])[] = [
  [[FLUSHED], benchFlushed],
  [[WRITTEN], benchWritten],
  [[COLD, WARM], benchReads],
  [[MOVE], benchMoved],
  [[RECOVERY], benchRecovery],
  [[AMPLIFICATION], benchAmplification],
];

/** Disks in a bucket, beside what the same machine does without them. */
export const benchS3 = (bench: Bench): Promise<void> =>
  withUndo(async (undo) => {
    demandInstalled("fio");
    // The last place is a disk by default: what is durable in memory says nothing.
    const place = bench.places.at(-1);
    if (place === undefined) return;
    demandSpace(place, bench.sized(10 * GIB, GIB));
    const wanted = parts.filter(([names]) => names.filter((name) => bench.wants(name)).length > 0);
    if (wanted.length === 0) return;
    for (const store of await openStores(bench, undo))
      for (const [, part] of wanted) await withSite(place, (site) => part(bench, store, site));
    bench.sayGoals(s3Goals);
  });
