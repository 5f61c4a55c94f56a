import type { JsonSchema } from "pagurus";

const isSchema = (value: unknown): value is JsonSchema => typeof value === "object" && value !== null;

const sampleByType: Readonly<Record<string, (schema: JsonSchema) => unknown>> = {
  string: ({ minLength }) => "sample".padEnd(typeof minLength === "number" ? minLength : 0, "e"),
  integer: ({ minimum }) => (typeof minimum === "number" ? minimum : 1),
  number: ({ minimum }) => (typeof minimum === "number" ? minimum : 1),
  boolean: () => false,
  array: ({ items, minItems }) =>
    typeof minItems === "number" && isSchema(items) ? Array(minItems).fill(sampleOf(items)) : [],
  object: ({ properties, required }) => {
    const fields = isSchema(properties) ? properties : {};
    const needed = Array.isArray(required) ? required.map(String) : [];
    return Object.fromEntries(
      needed.map((name) => {
        const field = fields[name];
        return [name, isSchema(field) ? sampleOf(field) : null];
      }),
    );
  },
};

/** A value that a schema may allow: whoever uses it asks the schema first. */
export const sampleOf = (schema: JsonSchema): unknown => {
  if ("default" in schema) return schema["default"];
  if ("const" in schema) return schema["const"];
  if (Array.isArray(schema["enum"])) return schema["enum"][0];
  const [alternative] = Array.isArray(schema["anyOf"]) ? schema["anyOf"] : [];
  if (isSchema(alternative)) return sampleOf(alternative);
  return sampleByType[String(schema["type"])]?.(schema) ?? null;
};
