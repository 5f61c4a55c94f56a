import { quantityOf } from "./quantity.ts";
import { labelOf } from "./words.ts";

type Row = Readonly<Record<string, unknown>>;

/** Longer texts go to the end of a table's lines, where they may wrap. */
const WIDE = 40;

const isRow = (value: unknown): value is Row =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What a function answered, for people. `none` is said of an empty list. */
export const rendered = (output: unknown, none = "none"): string => {
  if (output === undefined || output === null) return "";
  const items = isRow(output) && Array.isArray(output["items"]) ? output["items"] : output;
  if (Array.isArray(items)) return items.length === 0 ? `${none}\n` : listed(items);
  if (isText(items)) return plain(items.text);
  return isRow(items) ? keysAndValues(items) : `${plain(String(items))}\n`;
};

/** A document in its own format, such as the metrics. */
const isText = (value: unknown): value is { readonly text: string } =>
  isRow(value) && typeof value["contentType"] === "string" && typeof value["text"] === "string";

const listed = (items: readonly unknown[]): string =>
  items.every(isRow) ? table(items) : items.map((item) => `${textOf("", item)}\n`).join("");

/** One line for each row; a column that is empty everywhere, or holds more than a value, is left out. */
const table = (rows: readonly Row[]): string => {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((name) =>
    rows.some((row) => !isEmpty(row[name]) && !isNested(row[name])),
  );
  const columns = names.map((name) => [
    labelOf(name).toUpperCase(),
    ...rows.map((row) => textOf(name, row[name])),
  ]);
  const widths = columns.map((cells) => Math.max(...cells.map((cell) => cell.length)));
  const order = [...columns.keys()].sort(
    (a, b) => Number((widths[a] ?? 0) > WIDE) - Number((widths[b] ?? 0) > WIDE),
  );
  return ["", ...rows]
    .map((_, line) => order.map((c) => (columns[c]?.[line] ?? "").padEnd(widths[c] ?? 0)).join("  "))
    .map((text) => `${text.trimEnd()}\n`)
    .join("");
};

/** One line for each value, aligned; what is nested is indented below its name. */
const keysAndValues = (row: Row, indent = ""): string => {
  const entries = Object.entries(row).filter(([, value]) => !isEmpty(value));
  const width = Math.max(0, ...entries.filter(([, v]) => !isNested(v)).map(([name]) => labelOf(name).length));
  return entries
    .map(([name, value]) =>
      isNested(value)
        ? `${indent}${labelOf(name)}\n${nested(value, `${indent}  `)}`
        : `${indent}${labelOf(name).padEnd(width)}  ${textOf(name, value)}\n`,
    )
    .join("");
};

const nested = (value: unknown, indent: string): string => {
  if (isRow(value)) return keysAndValues(value, indent);
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  const rows = items.filter(isRow);
  const flat = rows.every((row) => !Object.values(row).some(isNested));
  if (flat && rows.length === items.length && rows.length > 1)
    return table(rows).replace(/^/gm, indent).trimEnd().concat("\n");
  return items
    .map((item) => (isRow(item) ? keysAndValues(item, indent) : `${indent}${textOf("", item)}\n`))
    .join("\n");
};

const isNested = (value: unknown): boolean => isRow(value) || (Array.isArray(value) && value.some(isRow));

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === "" ||
  (typeof value === "object" && Object.keys(value).length === 0);

const textOf = (name: string, value: unknown): string => {
  if (isEmpty(value)) return "-";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.map((one) => textOf(name, one)).join(", ");
  if (/(^at|At)$/.test(name)) return timeOf(value);
  if (typeof value === "number") return quantityOf(name, value);
  return plain(typeof value === "object" ? JSON.stringify(value) : String(value));
};

/** Local time, to the second. */
const timeOf = (value: unknown): string => {
  const time = new Date(typeof value === "number" ? value : String(value));
  return Number.isNaN(time.getTime()) ? plain(String(value)) : time.toLocaleString("sv-SE");
};

/** Without the control characters by which a text could steer the terminal. */
const plain = (text: string): string => text.replace(/(?![\n\t])\p{Cc}/gu, "\u{fffd}");
