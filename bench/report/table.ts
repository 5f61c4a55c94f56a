import { medianOf, ratioOf, type Series, valuesOf } from "./series.ts";

/** One column: its head, and what it says of a row among all rows. */
export interface Column {
  readonly title: string;
  cell(row: Series, rows: readonly Series[]): string;
}

const NOTHING = "-";

/** Few enough digits to be read, enough to compare. */
export const numberText = (value: number | undefined): string => {
  if (value === undefined || !Number.isFinite(value)) return NOTHING;
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
};

/** The median. */
export const middle = (title: string, key: string, scale = 1): Column => ({
  title,
  cell: (row) => {
    const value = medianOf(row, key);
    return numberText(value === undefined ? undefined : value / scale);
  },
});

/** The least and the most of all repetitions. */
export const spread = (key: string, scale = 1): Column => ({
  title: "min-max",
  cell: (row) => {
    const values = valuesOf(row, key).map((value) => value / scale);
    if (values.length === 0) return NOTHING;
    return `${numberText(Math.min(...values))}-${numberText(Math.max(...values))}`;
  },
});

/** The median against that of the row called `subject`; above 1 is more. */
export const times = (subject: string, key: string, title = `x ${subject}`): Column => ({
  title,
  cell: (row, rows) =>
    numberText(
      ratioOf(
        row,
        rows.find((other) => other.subject === subject),
        key,
      ),
    ),
});

/** How much faster than the row called `subject`, where less is better. */
export const faster = (subject: string, key: string): Column => ({
  title: `x ${subject}`,
  cell: (row, rows) => {
    const peer = rows.find((other) => other.subject === subject);
    return numberText(peer && ratioOf(peer, row, key));
  },
});

/** In how many repetitions `key`, which is 0 or 1, was 1. */
export const countOf = (title: string, key: string): Column => ({
  title,
  cell: (row) => {
    const values = valuesOf(row, key);
    return `${values.filter((value) => value === 1).length} of ${values.length}`;
  },
});

/** How many repetitions counted, and in how many of them others used the machine. */
const runs: Column = {
  title: "runs",
  cell: ({ samples, failure }) => {
    const contaminated = samples.filter((sample) => sample.contaminated).length;
    const text = contaminated === 0 ? `${samples.length}` : `${samples.length}, ${contaminated} contaminated`;
    return failure === undefined ? text : `${text}, then failed`;
  },
};

export const tableOf = (rows: readonly Series[], columns: readonly Column[]): string => {
  const all = [...columns, runs];
  const cells = [
    ["", ...all.map(({ title }) => title)],
    ...rows.map((row) => [row.subject, ...all.map((column) => column.cell(row, rows))]),
  ];
  const widths = cells[0]?.map((_, at) => Math.max(...cells.map((line) => line[at]?.length ?? 0))) ?? [];
  const pad = (cell: string, at: number) =>
    at === 0 || at === widths.length - 1 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0);
  return cells.map((line) => `  ${line.map(pad).join("  ")}`.trimEnd()).join("\n");
};
