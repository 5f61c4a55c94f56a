import type { Json } from "../contract/index.ts";

/** JSON as a column holds it; `null` and what is absent are the database's NULL. */
export const toText = (value: Json | undefined): string | null =>
  value === undefined || value === null ? null : JSON.stringify(value);

/** What `JSON.stringify` wrote into a column. Only this module's own text is read, so its type is known. */
export const fromText = <T extends Json>(text: string): T => JSON.parse(text) as T;

export const fromNullableText = <T extends Json>(text: string | null): T | null =>
  text === null ? null : fromText<T>(text);
