import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { Bench } from "../common/bench.ts";
import type { Values } from "../report/series.ts";
import {
  IMPACT,
  impactName,
  impacts,
  moveGoals,
  PACED,
  SLOW_FLUSH,
  SLOW_FLUSH_MOVER,
  UNTHROTTLED,
} from "./works.ts";

/** A repetition with which every goal of every work is reached. */
const good: Values = {
  ...{ moved: 1, keptPercent: 99, keptBesidePausePercent: 99, timesIdle: 1 },
  ...{ pauseMs: 20, predictedPauseMs: 20, copiedTimes: 1, beyondPauseMs: 1 },
};

const works = [
  { work: UNTHROTTLED.name, subject: "pagurus" },
  { work: PACED.name, subject: "pagurus" },
  { work: SLOW_FLUSH.name, subject: SLOW_FLUSH_MOVER },
  ...impacts.map(({ depth, guestImpact }) => ({ work: IMPACT, subject: impactName(depth, guestImpact) })),
];

interface Findings {
  readonly goals: readonly { readonly verdict: string; readonly what: string; readonly work: string }[];
}

/** What the JSON file says of the goals of a work that was repeated like this. */
const judged = (of: (typeof works)[number], repetitions: readonly Values[], place = "tmpfs") => {
  const said: string[] = [];
  const out = new Writable({
    write(chunk, _encoding, done) {
      said.push(String(chunk));
      done();
    },
  });
  const run = { quick: false, json: undefined, repetitions: undefined, oldBuild: false };
  const options = { tool: "move", folders: [], only: [], ...run } as const;
  const bench = new Bench({ options, places: [], signal: new AbortController().signal, out });
  const samples = repetitions.map((values) => ({ atMs: 0, values, othersPercent: 0, stolenPercent: 0 }));
  bench.series.push({ ...of, place, ours: true, samples });
  bench.sayGoals(moveGoals);
  const { goals } = JSON.parse(JSON.stringify(bench.findings)) as Findings;
  return {
    said: said.join(""),
    goals,
    short: goals.filter(({ verdict }) => verdict === "short").map(({ what }) => what),
  };
};

// A move that failed has no pause: what the other goals judge is those that succeeded.
test.each(works)("one move of $work, $subject, that fails is short of a goal", (work) => {
  expect(judged(work, [good, good]).short).toEqual([]);
  expect(judged(work, [good, good]).goals).not.toEqual([]);
  const { short, said } = judged(work, [good, { moved: 0, keptPercent: 99 }, good]);
  expect(short).toEqual([expect.stringMatching(/^moves that succeeded/)]);
  expect(said).toMatch(/SHORT .*moves that succeeded.* 0\.00, wanted >= 1/);
});

test.each([UNTHROTTLED, PACED])(
  "a client of $name that waits beyond the pause is one too, in memory",
  ({ name }) => {
    const work = { work: name, subject: "pagurus" };
    const late = [good, { ...good, beyondPauseMs: 6 }];
    expect(judged(work, late).short).toEqual(["client's longest wait beyond the pause, in ms"]);
    expect(judged(work, late, "ext4").short).toEqual([]);
  },
);

test("what was not measured is unknown, and what is as promised is reached", () => {
  const work = { work: PACED.name, subject: "pagurus" };
  const { goals } = judged(work, [{ moved: 1, keptPercent: 97 }]);
  expect(new Set(goals.map(({ verdict }) => verdict))).toEqual(new Set(["reached", "unknown"]));
  expect(goals.filter(({ verdict }) => verdict === "reached")).toHaveLength(2);
});
