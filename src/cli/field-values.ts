import { resolve } from "node:path";
import { CodedError, reasonOf } from "../contract/index.ts";
import { parseDuration } from "./duration.ts";
import type { Field } from "./flags-from-schema.ts";
import { quantityOf } from "./quantity.ts";
import { parseSize } from "./size.ts";

/** What stands for null where that is a value of its own. */
const NONE = "none";

/** What a field's words on the command line are in the function's input. */
export const fieldValueOf = (field: Field, text: string): unknown => {
  // Not null yet: commander takes that for nothing.
  if (field.nullable && text === NONE) return NONE;
  if (field.type === "string") return field.isPath ? resolve(text) : text;
  if (field.type === "boolean") return flagged(field, text);
  if (field.type === "json") return jsonOf(text, `--${field.flag}`);
  if (field.unit === "ms") return parseDuration(text);
  if (field.unit) return parseSize(text);
  if (!/^-?\d+(\.\d+)?(e-?\d+)?$/i.test(text)) throw notA("number", field, text);
  return Number(text);
};

/** The value as the function takes it. */
export const inputValueOf = ({ nullable }: Field, value: unknown): unknown =>
  nullable && value === NONE ? null : value;

export const jsonOf = (text: string, source: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CodedError("input-unreadable", { source, reason: reasonOf(cause) });
  }
};

/** What stands for the value in help: `--size <size>`. */
export const placeholderOf = (field: Field): string => {
  if (field.unit === "ms") return "duration";
  if (field.unit) return "size";
  if (field.choices.length > 0) return field.choices.join("|");
  return field.type === "string" ? (field.flag.split("-").at(-1) ?? "text") : field.type;
};

/** The help of a field: what it is, how often it may be given, and what holds without it. */
export const helpOf = (field: Field): string =>
  [
    field.description,
    field.required ? "(required)" : "",
    field.repeated ? "(may be repeated)" : "",
    field.nullable ? `(\`${NONE}\` stands for null)` : "",
    field.unit === "bytes-per-second" ? "(per second)" : "",
    field.default === undefined ? "" : `(default: ${shown(field.name, field.default)})`,
  ]
    .filter((part) => part !== "")
    .join(" ");

const shown = (name: string, value: unknown): string =>
  typeof value === "number" ? quantityOf(name, value) : JSON.stringify(value);

const flagged = (field: Field, text: string): boolean => {
  if (text !== "true" && text !== "false") throw notA("`true` or `false`", field, text);
  return text === "true";
};

const notA = (what: string, field: Field, text: string) =>
  new CodedError("usage-invalid", {
    problem: `${field.flag} takes ${what.startsWith("`") ? what : `a ${what}`}, not ${JSON.stringify(text)}`,
    help: "pagurus help",
  });
