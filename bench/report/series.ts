/** What one repetition measured, by name; the name ends with the unit. */
export type Values = Readonly<Record<string, number>>;

export interface Sample {
  readonly atMs: number;
  readonly values: Values;
  /** What others and the host of this machine used meanwhile, in percent of all processors. */
  readonly othersPercent: number;
  readonly stolenPercent: number;
  readonly contaminated?: boolean;
}

/** All repetitions of one work by one subject in one place. */
export interface Series {
  readonly place: string;
  readonly work: string;
  readonly subject: string;
  readonly ours: boolean;
  readonly samples: readonly Sample[];
  /** Why it was not measured further. */
  readonly failure?: string;
}

export const valuesOf = ({ samples }: Series, key: string): readonly number[] =>
  samples.flatMap(({ values }) => values[key] ?? []);

/** `undefined` without any value. */
const median = (values: readonly number[]): number | undefined => {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  return upper === undefined || lower === undefined ? undefined : (upper + lower) / 2;
};

export const medianOf = (series: Series, key: string): number | undefined => median(valuesOf(series, key));

/** The median of one against that of another in the same run. */
export const ratioOf = (series: Series, other: Series | undefined, key: string): number | undefined => {
  const mine = medianOf(series, key);
  const theirs = other && medianOf(other, key);
  return mine === undefined || theirs === undefined || theirs === 0 ? undefined : mine / theirs;
};
