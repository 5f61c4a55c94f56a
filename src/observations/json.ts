import type { Json, JsonObject } from "../contract/json.ts";

const MAX_TEXT = 4096;
const MAX_ITEMS = 100;
const MAX_DEPTH = 6;

const cut = (text: string): string => (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text);

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

function jsonAt(value: unknown, depth: number): Json {
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "string") return cut(value);
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value !== "object") return cut(String(value));
  if (value instanceof Error) return cut(value.message);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "invalid date" : value.toISOString();
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`;
  if (depth === MAX_DEPTH) return "…";
  if (Array.isArray(value) || value instanceof Set)
    return [...value].slice(0, MAX_ITEMS).map((item) => jsonAt(item, depth + 1));
  if (value instanceof Map) return objectAt(value, depth);
  return isPlain(value) ? objectAt(Object.entries(value), depth) : cut(String(value));
}

function objectAt(entries: Iterable<[unknown, unknown]>, depth: number): JsonObject {
  const kept: [string, Json][] = [];
  for (const [key, value] of entries) {
    if (kept.length === MAX_ITEMS) break;
    if (value !== undefined) kept.push([cut(String(key)), jsonAt(value, depth + 1)]);
  }
  return Object.fromEntries(kept);
}

/** `data` as JSON of bounded size: what JSON can't say becomes text, what is too long or too deep is cut at `…`. */
export const jsonOf = (data: Readonly<Record<string, unknown>>): JsonObject =>
  objectAt(Object.entries(data), 0);
