import type { Bench } from "../common/bench.ts";
import type { Site } from "../common/site.ts";
import { fill } from "../load/fio.ts";
import { liveColumns, liveSubject } from "./live.ts";
import { pagurusMover } from "./mover.ts";
import { IMPACT, impactName, impacts } from "./works.ts";

/** What an unthrottled writer loses while copying may take so much of its data path. */
export const benchImpact = async (
  bench: Bench,
  site: Site & { readonly sizeBytes: number },
): Promise<void> => {
  const { place, folder } = site;
  const mover = await pagurusMover(bench, site);
  await fill(mover.uri, { cwd: folder, signal: bench.signal });
  const subjects = impacts.map(({ depth, guestImpact }) =>
    liveSubject(
      bench,
      {
        ...mover,
        name: impactName(depth, guestImpact),
        move: (budgets) => mover.move({ ...budgets, guestImpact }),
      },
      // What a move may cost otherwise is of no interest here.
      { ...site, load: { depth }, maxPauseMs: 1000, idleSeconds: undefined },
    ),
  );
  await bench.measure(
    { place: place.name, name: IMPACT, columns: liveColumns, subjects },
    bench.repetitions(5, 3),
  );
};
