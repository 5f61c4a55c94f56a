import type { Context } from "hono";
import { CodedError, type FunctionDescription, reasonOf } from "../contract/index.ts";
import { coerced, isList, itemsOf } from "./coercion.ts";
import { propertiesOf } from "./schema.ts";

interface Refusal {
  readonly pointer: string;
  readonly problem: string;
}

/** The input of a declared route: the path's fields, and the rest from query or body. `input-invalid`. */
export const routeInput = async (c: Context, description: FunctionDescription): Promise<unknown> => {
  const { input: schema, http } = description;
  const fields = propertiesOf(schema);
  const fromPath = Object.entries(c.req.param() as Readonly<Record<string, string>>).map(
    ([name, text]) => [name, coerced(text, fields[name] ?? {}, schema)] as const,
  );
  const fromQuery = http?.method === "GET" || http?.method === "DELETE";
  const rest = fromQuery ? queryInput(c, description) : await bodyInput(c, description.name);
  if (fromPath.length === 0) return rest;
  if (typeof rest !== "object" || rest === null || Array.isArray(rest))
    return refuse(description.name, [{ pointer: "", problem: "must be an object" }]);
  const twice = fromPath.filter(([name]) => Object.hasOwn(rest, name));
  refuse(
    description.name,
    twice.map(([name]) => ({ pointer: `/${name}`, problem: GIVEN_TWICE })),
  );
  return { ...rest, ...Object.fromEntries(fromPath) };
};

/** The JSON body; none is an empty object. `media-type-unsupported`, `body-malformed`, `input-invalid`. */
export const bodyInput = async (c: Context, name: string): Promise<unknown> => {
  const inQuery = [...new URL(c.req.url).searchParams.keys()];
  refuse(
    name,
    inQuery.map((key) => ({ pointer: `/${key}`, problem: "belongs into the body, not the query" })),
  );
  const text = await c.req.text();
  if (text === "") return {};
  const type = c.req.header("content-type") ?? "none";
  if (!/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type))
    throw new CodedError("media-type-unsupported", { found: type });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CodedError("body-malformed", { reason: reasonOf(cause) });
  }
};

const GIVEN_TWICE = "given twice";

/** Unknown keys are passed on: whether they are refused is the schema's decision. */
const queryInput = (c: Context, { name, input: schema }: FunctionDescription): object => {
  const fields = propertiesOf(schema);
  const query = new URL(c.req.url).searchParams;
  const refusals: Refusal[] = [];
  const entries = [...new Set(query.keys())].map((key): readonly [string, unknown] => {
    const field = fields[key] ?? {};
    const texts = query.getAll(key);
    const [first = ""] = texts;
    if (isList(field, schema))
      return [key, texts.map((text) => coerced(text, itemsOf(field, schema), schema))];
    if (texts.length > 1) refusals.push({ pointer: `/${key}`, problem: GIVEN_TWICE });
    return [key, coerced(first, field, schema)];
  });
  refuse(name, refusals);
  return Object.fromEntries(entries);
};

const refuse = (name: string, details: readonly Refusal[]): void => {
  if (details.length === 0) return;
  const problems = details
    .map(({ pointer, problem }) => `${pointer.slice(1) || "input"}: ${problem}`)
    .join("; ");
  throw new CodedError("input-invalid", { function: name, problems, details });
};
