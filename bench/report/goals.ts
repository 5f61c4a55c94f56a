import { medianOf, ratioOf, type Series, valuesOf } from "./series.ts";
import { numberText } from "./table.ts";

/** Whether a run kept a goal in one place. */
export interface Verdict {
  /** `unknown`: a peer is missing, or nothing was measured. */
  readonly verdict: "reached" | "short" | "unknown";
  readonly place: string;
  readonly work: string;
  readonly what: string;
  readonly value: number | undefined;
  readonly wanted: string;
}

/** What is promised of a work, and whether a run kept it. */
export interface Goal {
  /** One for each place in which it was measured. */
  judge(series: readonly Series[]): readonly Verdict[];
}

const SHOWN = { reached: "reached", short: "SHORT  ", unknown: "UNKNOWN" } as const;

/** A line that says so. */
export const verdictText = ({ verdict, place, work, what, value, wanted }: Verdict): string =>
  `  ${SHOWN[verdict]}  ${place}, ${work}: ${what} ${numberText(value)}, wanted ${wanted}`;

interface Bound {
  readonly work: string;
  /** Places by name or its beginning; absent: every place. */
  readonly place?: string;
  readonly subject?: string;
  readonly key: string;
  readonly what: string;
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** A bound on our median against that of a peer in the same run. */
export const ratioGoal = (bound: Bound & { readonly peer: string; readonly inverse?: boolean }): Goal =>
  goalOf(bound, (ours, all) => {
    const peer = all.find(
      ({ place, work, subject }) => place === ours.place && work === ours.work && subject === bound.peer,
    );
    if (peer === undefined) return undefined;
    return bound.inverse ? ratioOf(peer, ours, bound.key) : ratioOf(ours, peer, bound.key);
  });

/** A bound on our median. */
export const medianGoal = (bound: Bound): Goal => goalOf(bound, (ours) => medianOf(ours, bound.key));

/** A bound on each of our repetitions: the worst one counts. */
export const eachGoal = (bound: Bound): Goal =>
  goalOf(bound, (ours) => {
    const values = valuesOf(ours, bound.key);
    if (values.length === 0) return undefined;
    return bound.atLeast === undefined ? Math.max(...values) : Math.min(...values);
  });

const goalOf = (
  { work, place = "", subject = "pagurus", what, atLeast, atMost }: Bound,
  measure: (ours: Series, all: readonly Series[]) => number | undefined,
): Goal => {
  const wanted = atLeast === undefined ? `<= ${atMost}` : `>= ${atLeast}`;
  const verdictOn = (value: number | undefined): Verdict["verdict"] => {
    if (value === undefined) return "unknown";
    const kept = (atLeast === undefined || value >= atLeast) && (atMost === undefined || value <= atMost);
    return kept ? "reached" : "short";
  };
  return {
    judge: (all) =>
      all
        .filter((one) => one.work === work && one.subject === subject && one.place.startsWith(place))
        .map((ours) => {
          const value = measure(ours, all);
          return { verdict: verdictOn(value), place: ours.place, work, what, value, wanted };
        }),
  };
};
