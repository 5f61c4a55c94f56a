import { resolve } from "node:path";
import { z } from "zod";
import type { Json, JsonObject } from "../contract/json.ts";
import { redactJson } from "../observations/index.ts";
import type { RawConfiguration } from "./configuration.ts";
import { nearMiss } from "./near-miss.ts";
import type { Problem } from "./problem.ts";

/** As much of JSON Schema as is needed to tell what a key of the configuration may be. */
interface Shape {
  readonly path?: boolean;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly additionalProperties?: Shape | boolean;
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
}

const MAX_FOUND = 80;

/** Tells nothing of a schema that JSON Schema, or another version of zod, can't express. */
function shapeOf(schema: z.ZodType, io: "input" | "output"): Shape {
  try {
    return z.toJSONSchema(schema, { io, unrepresentable: "any" }) as Shape;
  } catch {
    return {};
  }
}

/** Every shape that a value below `shape` under `name` may have. */
const below = (shape: Shape, name: string): readonly Shape[] => {
  const named = Object.hasOwn(shape.properties ?? {}, name) ? shape.properties?.[name] : undefined;
  const rest = typeof shape.additionalProperties === "object" ? shape.additionalProperties : undefined;
  const own = [named ?? rest, /^\d+$/.test(name) ? shape.items : undefined].filter(
    (inner) => inner !== undefined,
  );
  return [...own, ...(shape.anyOf ?? []).flatMap((inner) => below(inner, name))];
};

const shapesAt = (shape: Shape, path: readonly string[]): readonly Shape[] =>
  path.reduce<readonly Shape[]>((shapes, name) => shapes.flatMap((inner) => below(inner, name)), [shape]);

/** A part of the configuration, where it stands, and what it must be. */
export interface Part<S extends z.ZodType> {
  readonly key: string;
  readonly value: Json;
  readonly schema: S;
}

/** What a part is, with its paths absolute; or what is wrong with it. */
export type Read<T> = { readonly value: T } | { readonly problems: readonly Problem[] };

/** Reads one part of the configuration by its schema. */
export function readPart<S extends z.ZodType>(
  part: Part<S>,
  configuration: RawConfiguration,
): Read<z.output<S>> {
  const parsed = part.schema.safeParse(part.value);
  if (parsed.success)
    return {
      value: absolute(parsed.data, [shapeOf(part.schema, "output")], configuration.folder) as z.output<S>,
    };
  const shape = shapeOf(part.schema, "input");
  return {
    problems: parsed.error.issues.flatMap((issue) => problemsOf(issue, part, shape, configuration.secrets)),
  };
}

function problemsOf(
  issue: z.core.$ZodIssue,
  { key, value }: Part<z.ZodType>,
  shape: Shape,
  secrets: readonly string[],
): readonly Problem[] {
  const path = issue.path.map(String);
  const at = (...names: readonly string[]) => [key, ...path, ...names].join(".");
  const shapes = shapesAt(shape, path);
  if (issue.code === "unrecognized_keys") {
    const known = shapes.flatMap((inner) => Object.keys(inner.properties ?? {}));
    return issue.keys.map((name) => unknownKey(at(name), name, known));
  }
  const description = shapes.find((inner) => inner.description)?.description;
  const found = foundText(value, path, secrets);
  const wanted = issue.message.replace(/^Invalid (input|string): /, "").replace(/, received undefined$/, "");
  return [
    {
      key: at(),
      ...(found === undefined ? {} : { found }),
      wanted: `${found === undefined ? "is missing: " : ""}${wanted}${description ? ` (${description})` : ""}`,
    },
  ];
}

/** A key that nothing reads. */
export function unknownKey(key: string, name: string, known: readonly string[]): Problem {
  const meant = nearMiss(name, known);
  const wanted =
    known.length > 0 ? `unknown key; known here: ${known.join(", ")}` : "unknown key; none is known here";
  return { key, wanted, ...(meant ? { nearMiss: meant } : {}) };
}

/** What is at `path`, as it may be shown. */
function foundText(value: Json, path: readonly string[], secrets: readonly string[]): string | undefined {
  let inner: Json | undefined = value;
  for (const name of path) {
    if (typeof inner !== "object" || inner === null) return undefined;
    inner = (inner as JsonObject)[name];
  }
  if (inner === undefined) return undefined;
  const name = path.at(-1) ?? "value";
  const text = JSON.stringify(Object.values(redactJson({ [name]: inner }, secrets) as JsonObject)[0]);
  return text.length > MAX_FOUND ? `${text.slice(0, MAX_FOUND - 1)}…` : text;
}

/** Makes every `FilePath` in it absolute. */
function absolute(value: unknown, shapes: readonly Shape[], folder: string): unknown {
  const may = shapes.flatMap((shape) => [shape, ...(shape.anyOf ?? [])]);
  if (typeof value === "string") return may.some((shape) => shape.path) ? resolve(folder, value) : value;
  if (Array.isArray(value))
    return value.map((item) =>
      absolute(
        item,
        may.flatMap((shape) => below(shape, "0")),
        folder,
      ),
    );
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  return Object.freeze(
    Object.fromEntries(
      Object.entries(value).map(([name, item]) => [
        name,
        absolute(
          item,
          may.flatMap((shape) => below(shape, name)),
          folder,
        ),
      ]),
    ),
  );
}
