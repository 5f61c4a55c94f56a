import { expect, test } from "vitest";
import { createExampleEngine } from "../engine/front-door/example-engine.ts";
import { openApiOf } from "./openapi.ts";

/** Everything in the document that has the key, with the path to it. */
const find = (value: unknown, key: string, at = "#"): readonly (readonly [string, unknown])[] => {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => [
    ...(name === key ? [[at, item] as const] : []),
    ...find(item, key, `${at}/${name}`),
  ]);
};
const { descriptions } = createExampleEngine();
const document = JSON.parse(JSON.stringify(openApiOf(descriptions, "1.2.3")));
interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, object>>;
  readonly parameters?: readonly Readonly<Record<"name" | "in" | "required" | "schema", unknown>>[];
}
const operations = Object.entries<Record<string, Operation>>(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
);

test("it is OpenAPI 3.1, names the version and demands a token", () => {
  expect(document.openapi).toMatch(/^3\.1\./);
  expect(document.info).toMatchObject({ title: "Pagurus", version: "1.2.3" });
  expect(document.security).toEqual([{ token: [] }]);
  expect(document.components.securitySchemes.token).toEqual({ type: "http", scheme: "bearer" });
});

test("every reference resolves", () => {
  const references = find(document, "$ref").map(([, reference]) => String(reference));
  expect(references.length).toBeGreaterThan(20);
  for (const reference of references) {
    const target = reference
      .replace("#/", "")
      .split("/")
      .reduce((value, key) => value?.[key], document);
    expect(target, reference).toBeTypeOf("object");
  }
});

test("every component has a name that the standard allows, and no local definitions are left", () => {
  for (const kind of Object.values<object>(document.components))
    for (const name of Object.keys(kind)) expect(name).toMatch(/^[\w.-]+$/);
  expect(find(document, "$defs")).toEqual([]);
});

test("every operation has an id of its own, answers, and problems", () => {
  const ids = operations.map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toEqual(expect.arrayContaining(["shells.create", "shells.create.invoke", "events", "metrics"]));
  for (const { path, operation } of operations) {
    const answers = Object.keys(operation.responses);
    expect(answers, path).toEqual(expect.arrayContaining([expect.stringMatching(/^2\d\d$/)]));
    if (path.startsWith("/v1/")) expect(answers, path).toEqual(expect.arrayContaining(["4XX", "5XX"]));
    for (const answer of Object.values(operation.responses))
      expect("$ref" in answer || "description" in answer, path).toBe(true);
  }
});

test("every path parameter is declared, required, once, and nothing else is", () => {
  for (const { path, operation } of operations) {
    const declared = operation.parameters ?? [];
    const inPath = declared.filter((parameter) => parameter.in === "path");
    expect(
      inPath.map(({ name }) => name),
      path,
    ).toEqual([...path.matchAll(/\{(.*?)\}/g)].map(([, name]) => name));
    expect(inPath.every(({ required }) => required === true)).toBe(true);
    for (const parameter of declared) expect(parameter.schema, path).toBeTypeOf("object");
    expect(new Set(declared.map(({ name, in: place }) => `${place} ${name}`)).size).toBe(declared.length);
  }
});

test("a route's fields are where the edge reads them", () => {
  const { paths, components } = document;
  expect(
    paths["/v1/shells"].get.parameters.map(({ name, in: place }: Record<string, string>) => [place, name]),
  ).toEqual(["limit", "wide", "tags", "prefix", "ratio"].map((name) => ["query", name]));
  expect(paths["/v1/shells"].get.requestBody).toBeUndefined();
  expect(paths["/v1/shells"].post.requestBody).toEqual({
    required: true,
    content: { "application/json": { schema: { $ref: "#/components/schemas/shells.create.input" } } },
  });
  const polish = paths["/v1/shells/{name}/polish"].post;
  expect(Object.keys(polish.requestBody.content["application/json"].schema.properties)).toEqual(["grade"]);
  expect(polish.requestBody.required).toBe(false);
  expect(Object.keys(polish.responses)).toContain("202");
  expect(Object.keys(paths["/v1/shells"].post.responses["201"].headers)).toContain("Location");
  expect(components.schemas["shells.create.input"].required).toEqual(["name", "sizeBytes"]);
});
