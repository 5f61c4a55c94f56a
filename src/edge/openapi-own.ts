import type { FunctionDescription, JsonSchema } from "../contract/index.ts";

const text = { type: "string" };
const refused = {
  "4XX": { $ref: "#/components/responses/Problem" },
  "5XX": { $ref: "#/components/responses/Problem" },
};
const json = (description: string, schema: JsonSchema) => ({
  description,
  content: { "application/json": { schema } },
});
const health = { $ref: "#/components/schemas/Health" };
const query = (name: string, description: string, schema: JsonSchema = text) => ({
  name,
  in: "query",
  required: false,
  description,
  schema,
});

/** The schemas that belong to no function. */
export const ownSchemas: JsonSchema = {
  Problem: {
    type: "object",
    description: "RFC 9457 problem details",
    required: ["type", "title", "status", "detail", "instance", "code", "kind", "retryable", "chain"],
    properties: {
      type: { type: "string", format: "uri" },
      title: text,
      status: { type: "integer" },
      detail: { type: "string", description: "one sentence: what failed, why, what to do" },
      instance: { type: "string", format: "uri" },
      code: text,
      kind: { enum: ["bad-input", "not-found", "conflict", "unavailable", "cancelled", "internal"] },
      retryable: { type: "boolean" },
      chain: { $ref: "#/components/schemas/Observation" },
      errors: {
        type: "array",
        items: {
          type: "object",
          required: ["pointer", "detail"],
          properties: { pointer: { type: "string", format: "json-pointer" }, detail: text },
        },
      },
    },
  },
  Observation: {
    type: "object",
    required: ["code", "data", "at", "causes"],
    properties: {
      code: text,
      data: { type: "object" },
      task: text,
      at: { type: "number", description: "milliseconds since the epoch" },
      causes: { type: "array", items: { $ref: "#/components/schemas/Observation" } },
    },
  },
  Health: {
    type: "object",
    required: ["ready", "version", "details"],
    properties: { ready: { type: "boolean" }, version: text, details: { type: "object" } },
  },
};

/** The paths that belong to no function. */
export const ownPaths = (
  functions: readonly FunctionDescription[],
): Record<string, Record<string, unknown>> => ({
  "/healthz": {
    get: {
      operationId: "healthz",
      summary: "Whether the process is alive",
      security: [],
      responses: { "200": json("It is", { type: "object" }) },
    },
  },
  "/readyz": {
    get: {
      operationId: "readyz",
      summary: "Whether functions can be called",
      security: [],
      responses: { "200": json("They can", health), "503": json("They can't", health) },
    },
  },
  "/openapi.json": {
    get: {
      operationId: "openapi",
      summary: "This document",
      security: [],
      responses: { "200": json("OpenAPI 3.1", { type: "object" }) },
    },
  },
  "/v1/events": {
    get: {
      operationId: "events",
      summary: "What happens, as server-sent events",
      description:
        "Resumes after `Last-Event-ID`. An id that cannot be resumed gets one event `reset`: read the state anew.",
      parameters: [
        query("types", "event types, repeated or with commas", { type: "array", items: text }),
        query("job", "only of this job"),
        query("disk", "only of this disk"),
        query("after", "the last id seen, where the header can't be sent"),
        { name: "Last-Event-ID", in: "header", required: false, schema: text },
      ],
      responses: {
        "200": { description: "The stream", content: { "text/event-stream": { schema: text } } },
        ...refused,
      },
    },
  },
  ...(functions.some(({ name }) => name === "metrics.read") && {
    "/metrics": {
      get: {
        operationId: "metrics",
        summary: "Metrics in Prometheus' text format",
        responses: {
          "200": { description: "Metrics", content: { "text/plain": { schema: text } } },
          ...refused,
        },
      },
    },
  }),
});
