import type { FunctionDescription, JsonSchema } from "../contract/index.ts";
import { ownPaths, ownSchemas } from "./openapi-own.ts";
import { propertiesOf, requiredOf, withReferences } from "./schema.ts";

/** The OpenAPI 3.1 document of the edge. */
export const openApiOf = (functions: readonly FunctionDescription[], version: string): JsonSchema => {
  const paths: Record<string, Record<string, unknown>> = ownPaths(functions);
  const put = (path: string, method: string, operation: unknown) => {
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation };
  };
  for (const description of functions) {
    const { name, http } = description;
    if (http) put(http.path, http.method, routeOperation(description, functions));
    put(`/v1/functions/${name}`, "post", invokeOperation(description, functions));
  }
  return {
    openapi: "3.1.0",
    info: { title: "Pagurus", version, license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
      schemas: { ...ownSchemas, ...Object.assign({}, ...functions.map(schemasOf)) },
      responses: {
        Problem: {
          description: "What failed, why, and what to do",
          content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
        },
      },
    },
  };
};

const componentOf = (name: string, part: "input" | "output") => `${name}.${part}`;
const referenceTo = (component: string) => ({ $ref: `#/components/schemas/${component}` });

/** Local definitions become components of their own: `#/$defs/X` of `disks.list`'s output is `disks.list.output.X`. */
const renamed =
  (component: string) =>
  (reference: string): string =>
    reference === "#"
      ? `#/components/schemas/${component}`
      : reference.replace("#/$defs/", `#/components/schemas/${component}.`);

const schemasOf = (description: FunctionDescription): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    (["input", "output"] as const).flatMap((part) => {
      const component = componentOf(description.name, part);
      const { $defs = {}, ...schema } = description[part];
      const definitions = Object.entries($defs as JsonSchema).map(
        ([key, definition]) => [`${component}.${key}`, definition] as const,
      );
      return [[component, schema] as const, ...definitions].map(([key, value]) => [
        key,
        withReferences(value, renamed(component)),
      ]);
    }),
  );

const common = (description: FunctionDescription, functions: readonly FunctionDescription[]) => ({
  summary: description.summary,
  ...(description.description !== undefined && { description: description.description }),
  tags: [description.name.split(".")[0]],
  responses: responsesOf(description, functions),
});

const invokeOperation = (description: FunctionDescription, functions: readonly FunctionDescription[]) => ({
  operationId: `${description.name}.invoke`,
  ...common(description, functions),
  ...(description.effect === "write" && { parameters: [idempotencyKey] }),
  requestBody: jsonBody(referenceTo(componentOf(description.name, "input")), description.input),
});

const routeOperation = (description: FunctionDescription, functions: readonly FunctionDescription[]) => {
  const { name, http, input, effect } = description;
  const component = componentOf(name, "input");
  const inQuery = http?.method === "GET" || http?.method === "DELETE";
  const fields = Object.entries(propertiesOf(input));
  const inPath = (field: string) => http?.path.includes(`{${field}}`) === true;
  const required = requiredOf(input);
  const parameters = fields
    .filter(([field]) => inPath(field) || inQuery)
    .map(([field, schema]) => ({
      name: field,
      in: inPath(field) ? "path" : "query",
      required: inPath(field) || required.includes(field),
      ...describedBy(schema),
      schema: withReferences(schema, renamed(component)),
    }));
  const rest = fields.filter(([field]) => !inPath(field));
  const whole = rest.length === fields.length;
  const { $defs: _, ...plain } = input;
  const body: JsonSchema = {
    ...plain,
    properties: Object.fromEntries(rest),
    required: required.filter((field) => !inPath(field)),
  };
  return {
    operationId: name,
    ...common(description, functions),
    parameters: effect === "write" ? [...parameters, idempotencyKey] : parameters,
    ...(!inQuery &&
      (whole || rest.length > 0) && {
        requestBody: whole
          ? jsonBody(referenceTo(component), input)
          : jsonBody(withReferences(body, renamed(component)), body),
      }),
  };
};

const describedBy = ({ description }: JsonSchema) => (typeof description === "string" ? { description } : {});

const jsonBody = (schema: unknown, of: JsonSchema) => ({
  required: requiredOf(of).length > 0,
  content: { "application/json": { schema } },
});

const responsesOf = (description: FunctionDescription, functions: readonly FunctionDescription[]) => {
  const { kind, creates, name } = description;
  const job = kind === "job";
  const shown = functions.some(({ name: other }) => other === "jobs.show");
  const content = job
    ? shown
      ? referenceTo(componentOf("jobs.show", "output"))
      : { type: "object" }
    : referenceTo(componentOf(name, "output"));
  const made = job || creates;
  const success = {
    description: job ? "The job that was started" : creates ? "What was created" : "The answer",
    ...(made && { headers: madeHeaders }),
    content: { "application/json": { schema: content } },
  };
  const problem = { $ref: "#/components/responses/Problem" };
  return { [job ? "202" : creates ? "201" : "200"]: success, "4XX": problem, "5XX": problem };
};

const madeHeaders = {
  Location: { description: "Where it can be read", schema: { type: "string" } },
  "Idempotency-Replayed": {
    description: "`true` for the answer of an earlier call",
    schema: { type: "string" },
  },
};

const idempotencyKey = {
  name: "Idempotency-Key",
  in: "header",
  required: false,
  description: "Repeating a call with its key answers what the first one answered",
  schema: { type: "string", minLength: 1, maxLength: 255 },
};
