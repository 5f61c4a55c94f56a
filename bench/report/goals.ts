import { medianOf, ratioOf, type Series, valuesOf } from "./series.ts";
import { numberText } from "./table.ts";

/** What is promised of a work, and whether a run kept it. */
export interface Goal {
  /** A line for each place in which it was measured. */
  judge(series: readonly Series[]): readonly string[];
}

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
  const bound = atLeast === undefined ? `<= ${atMost}` : `>= ${atLeast}`;
  const verdictOn = (value: number | undefined): string => {
    // A peer is missing, or nothing was measured.
    if (value === undefined) return "UNKNOWN";
    const kept = (atLeast === undefined || value >= atLeast) && (atMost === undefined || value <= atMost);
    return kept ? "reached" : "SHORT  ";
  };
  return {
    judge: (all) =>
      all
        .filter((one) => one.work === work && one.subject === subject && one.place.startsWith(place))
        .map((ours) => {
          const value = measure(ours, all);
          return `  ${verdictOn(value)}  ${ours.place}, ${work}: ${what} ${numberText(value)}, wanted ${bound}`;
        }),
  };
};
