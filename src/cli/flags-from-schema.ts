import type { FunctionDescription, JsonSchema } from "../contract/index.ts";
import { reservedFlags } from "./global-options.ts";
import { kebabOf, singularOf, unitOf } from "./words.ts";

/** One field of a function's input, as the command line takes it. */
export interface Field {
  readonly name: string;
  /** Without its dashes. */
  readonly flag: string;
  readonly type: "string" | "number" | "boolean" | "json";
  readonly unit?: ReturnType<typeof unitOf>;
  /** An array: its flag names one element and may be repeated. */
  readonly repeated: boolean;
  /** Whether null is a value of its own: `none` on the command line. */
  readonly nullable: boolean;
  readonly choices: readonly string[];
  /** A path of a file: on the command line it may be relative to where one is. */
  readonly isPath: boolean;
  readonly required: boolean;
  readonly description: string;
  readonly default?: unknown;
}

/** The fields of the input, each with a flag that no other field and no option of every command has. */
export const fieldsOf = ({ input, cli }: FunctionDescription): readonly Field[] => {
  const required = new Set(Array.isArray(input["required"]) ? input["required"] : []);
  const taken = new Set(reservedFlags);
  return Object.entries(object(input["properties"])).map(([name, declared]) => {
    const schema = resolved(declared, input);
    const repeated = typeOf(schema) === "array";
    const element = repeated ? resolved(schema["items"], input) : schema;
    const flag = freeFlag(name, repeated, cli?.flags?.[name], taken);
    taken.add(flag);
    const type = fieldType(element);
    return {
      name,
      flag,
      type,
      ...(type === "number" && { unit: unitOf(name) }),
      repeated,
      nullable: isNullable(object(declared)),
      choices: choicesOf(element),
      isPath: element["path"] === true,
      required: required.has(name) && schema["default"] === undefined,
      description: String(schema["description"] ?? element["description"] ?? ""),
      default: schema["default"],
    };
  });
};

const freeFlag = (
  name: string,
  repeated: boolean,
  declared: string | undefined,
  taken: ReadonlySet<string>,
): string => {
  const whole = name.replace(/([a-z0-9])([A-Z])/g, "$1-$2").toLowerCase();
  const short = repeated ? singularOf(kebabOf(name)) : kebabOf(name);
  const wanted = declared === undefined ? [short, whole] : [declared.replace(/^--/, "")];
  return [...wanted, `input-${whole}`].find((flag) => !taken.has(flag)) ?? `input-${whole}`;
};

const object = (value: unknown): JsonSchema =>
  typeof value === "object" && value !== null ? (value as JsonSchema) : {};

/** Follows a `$ref` inside the schema and takes the one variant that isn't null. */
const resolved = (value: unknown, root: JsonSchema): JsonSchema => {
  const schema = object(value);
  const ref = schema["$ref"];
  if (typeof ref === "string" && ref.startsWith("#/")) {
    const target = ref
      .slice(2)
      .split("/")
      .reduce<unknown>((at, key) => object(at)[key], root);
    return { ...resolved(target, root), ...omit(schema, "$ref") };
  }
  const variants = variantsOf(schema).filter((variant) => typeOf(variant) !== "null");
  const [only] = variants;
  return variants.length === 1 && only ? { ...resolved(only, root), ...omit(schema, "anyOf") } : schema;
};

const omit = (schema: JsonSchema, key: string): JsonSchema =>
  Object.fromEntries(Object.entries(schema).filter(([name]) => name !== key));

const variantsOf = (schema: JsonSchema): readonly JsonSchema[] => {
  const variants = schema["anyOf"] ?? schema["oneOf"];
  return Array.isArray(variants) ? variants.map(object) : [];
};

const isNullable = (schema: JsonSchema): boolean =>
  [schema, ...variantsOf(schema)].some(({ type }) => [type].flat().includes("null"));

const typeOf = (schema: JsonSchema): unknown => {
  const type = schema["type"];
  return Array.isArray(type) ? type.find((one) => one !== "null") : type;
};

const choicesOf = (schema: JsonSchema): readonly string[] => {
  const listed = schema["enum"] ?? variantsOf(schema).map((variant) => variant["const"]);
  const known = Array.isArray(listed) ? listed : [];
  return known.length > 0 && known.every((one) => typeof one === "string") ? known : [];
};

const fieldType = (schema: JsonSchema): Field["type"] => {
  if (choicesOf(schema).length > 0) return "string";
  const type = typeOf(schema);
  if (type === "string" || type === "boolean" || type === "number") return type;
  if (type === "integer") return "number";
  return variantsOf(schema).some((variant) => typeOf(variant) === "string") ? "string" : "json";
};
