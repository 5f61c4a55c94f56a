import type { JsonSchema } from "pagurus";

/** An input that a schema forbids, and what is wrong with it. */
export interface BadInput {
  readonly input: unknown;
  readonly wrong: string;
}

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const valuesByType: Readonly<Record<string, unknown>> = {
  string: "text",
  number: 0.5,
  integer: 7,
  boolean: true,
  array: [],
  object: {},
  null: null,
};

/** Values of the types that the schema doesn't name; none where it names no type. */
const otherTypes = ({ type }: JsonSchema): readonly unknown[] => {
  if (type === undefined) return [];
  const named = [type].flat();
  const fits = (other: string) => named.includes(other) || (other === "integer" && named.includes("number"));
  return Object.keys(valuesByType)
    .filter((other) => !fits(other))
    .map((other) => valuesByType[other]);
};

const strangerTo = (allowed: readonly unknown[]): unknown => {
  let stranger = "no-such-thing";
  while (allowed.includes(stranger)) stranger += "-either";
  return stranger;
};

/** Texts that somebody has tried before. */
const oddTexts = ["", " ", "!", "A", "a b", "\u0000", "../..", "Ærø", "x".repeat(5_000)];

const textsAgainst = ({ minLength, maxLength, pattern }: JsonSchema): readonly unknown[] => {
  const expression = typeof pattern === "string" ? new RegExp(pattern) : undefined;
  return [
    ...(typeof minLength === "number" && minLength > 0 ? ["x".repeat(minLength - 1)] : []),
    ...(typeof maxLength === "number" && maxLength < 100_000 ? ["x".repeat(maxLength + 1)] : []),
    ...(expression ? oddTexts.filter((text) => !expression.test(text)) : []),
  ];
};

const numbersAgainst = (schema: JsonSchema): readonly unknown[] => {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  return [
    ...(typeof minimum === "number" && Number.isSafeInteger(minimum - 1) ? [minimum - 1] : []),
    ...(typeof maximum === "number" && Number.isSafeInteger(maximum + 1) ? [maximum + 1] : []),
    ...(typeof exclusiveMinimum === "number" ? [exclusiveMinimum] : []),
    ...(typeof exclusiveMaximum === "number" ? [exclusiveMaximum] : []),
    ...(typeof multipleOf === "number" && typeof minimum === "number" ? [minimum + multipleOf / 2] : []),
  ];
};

const itemsAgainst = (schema: JsonSchema): readonly unknown[] => {
  const { items, minItems } = schema;
  const short = typeof minItems === "number" && minItems > 0 ? [[]] : [];
  return isObject(items) ? [...short, ...valuesAgainst(items).map((value) => [value])] : short;
};

/** Values that a schema forbids, each for one reason. */
const valuesAgainst = (schema: JsonSchema): readonly unknown[] => {
  const alternatives = schema["anyOf"] ?? schema["oneOf"] ?? schema["allOf"];
  if (alternatives !== undefined || schema["$ref"] !== undefined) return [];
  if (Array.isArray(schema["enum"])) return [strangerTo(schema["enum"])];
  if ("const" in schema) return [strangerTo([schema["const"]])];
  return [
    ...otherTypes(schema),
    ...textsAgainst(schema),
    ...numbersAgainst(schema),
    ...itemsAgainst(schema),
    ...fieldsAgainst(schema, {}).map(({ input }) => input),
  ];
};

const fieldsAgainst = (schema: JsonSchema, good: Fields): readonly BadInput[] => {
  const { properties, required, additionalProperties } = schema;
  const needed = Array.isArray(required) ? required.map(String) : [];
  const without = (name: string) => Object.fromEntries(Object.entries(good).filter(([key]) => key !== name));
  const missing = needed.map((name) => ({ input: without(name), wrong: `\`${name}\` is missing` }));
  const wrong = Object.entries(isObject(properties) ? properties : {}).flatMap(([name, field]) =>
    isObject(field)
      ? valuesAgainst(field).map((value) => ({
          input: { ...good, [name]: value },
          wrong: `\`${name}\` is ${shown(value)}`,
        }))
      : [],
  );
  const stranger = String(strangerTo(Object.keys(isObject(properties) ? properties : {})));
  const unknown =
    additionalProperties === false
      ? [{ input: { ...good, [stranger]: 1 }, wrong: `\`${stranger}\` is no field of it` }]
      : [];
  return [...missing, ...wrong, ...unknown];
};

const SHOWN_CHARACTERS = 40;
const shown = (value: unknown): string => {
  const text = JSON.stringify(value);
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
};

/**
 * Inputs that a function's schema forbids. With `good`, an input that it allows, each has one thing wrong; without,
 * what is missing may be wrong besides.
 */
export const badInputs = (schema: JsonSchema, good: unknown): readonly BadInput[] => [
  ...otherTypes(schema).map((input) => ({ input, wrong: `it is ${shown(input)}` })),
  ...fieldsAgainst(schema, isObject(good) ? good : {}),
];
