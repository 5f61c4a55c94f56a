import type { JsonSchema } from "../contract/index.ts";
import { isSchema, resolved } from "./schema.ts";

/** How deep alternatives and references are followed. */
const MAX_DEPTH = 4;

/** The JSON types that the schema allows. */
const typesOf = (schema: JsonSchema, root: JsonSchema, depth = 0): readonly string[] => {
  const { type, anyOf, oneOf, enum: values, const: value } = resolved(schema, root);
  if (Array.isArray(type)) return type.map(String);
  if (typeof type === "string") return [type];
  if (value !== undefined) return [typeof value];
  if (Array.isArray(values)) return values.map((each) => typeof each);
  const alternatives = [anyOf, oneOf].flat().filter(isSchema);
  return depth < MAX_DEPTH ? alternatives.flatMap((each) => typesOf(each, root, depth + 1)) : [];
};

/** Whether a field may be given several times in a query. */
export const isList = (schema: JsonSchema, root: JsonSchema): boolean =>
  typesOf(schema, root).includes("array");

/**
 * What a text from a path or a query stands for. A text that is nothing of the schema's types stays text, so that
 * the engine's validation can say what is wrong with it.
 */
export const coerced = (text: string, schema: JsonSchema, root: JsonSchema): unknown => {
  const types = typesOf(schema, root);
  const numeric = types.includes("number") || types.includes("integer");
  if (numeric && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text)) return Number(text);
  if (types.includes("boolean") && (text === "true" || text === "false")) return text === "true";
  return text;
};

/** The schema of a list's items, where it is a list or may be one. */
export const itemsOf = (schema: JsonSchema, root: JsonSchema): JsonSchema => {
  const { items, anyOf, oneOf } = resolved(schema, root);
  const candidates = [
    items,
    ...[anyOf, oneOf]
      .flat()
      .filter(isSchema)
      .map(({ items: inner }) => inner),
  ];
  return candidates.find(isSchema) ?? {};
};
