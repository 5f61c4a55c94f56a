import type { JsonSchema } from "../contract/index.ts";

export const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The fields of an object schema, by name. */
export const propertiesOf = ({ properties }: JsonSchema): Readonly<Record<string, JsonSchema>> =>
  isSchema(properties)
    ? Object.fromEntries(
        Object.entries(properties).map(([name, field]) => [name, isSchema(field) ? field : {}]),
      )
    : {};

export const requiredOf = ({ required }: JsonSchema): readonly string[] =>
  Array.isArray(required) ? required.map(String) : [];

/** The schema behind a local reference; a reference that leads nowhere allows everything. */
export const resolved = (schema: JsonSchema, root: JsonSchema): JsonSchema => {
  const { $ref } = schema;
  if (typeof $ref !== "string") return schema;
  const { $defs } = root;
  const target = $ref === "#" ? root : isSchema($defs) ? $defs[$ref.replace("#/$defs/", "")] : undefined;
  return isSchema(target) ? target : {};
};

/** A copy with every reference renamed. */
export const withReferences = (schema: unknown, rename: (reference: string) => string): unknown => {
  if (Array.isArray(schema)) return schema.map((item) => withReferences(item, rename));
  if (!isSchema(schema)) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [
      key,
      key === "$ref" && typeof value === "string" ? rename(value) : withReferences(value, rename),
    ]),
  );
};
