import assert from "node:assert/strict";
import { type FunctionDescription, z } from "pagurus";
import { Then } from "pagurus/steps";
import { HttpDoor } from "./support/http-door.ts";
import type { Lab } from "./world.ts";

const Operation = z.looseObject({
  operationId: z.string(),
  responses: z.record(z.string(), z.unknown()),
  parameters: z.array(z.looseObject({ name: z.string(), in: z.string() })).optional(),
});
const Document = z.looseObject({
  openapi: z.string(),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
});

const documentOf = async (lab: Lab) => {
  const answer = await lab.part(HttpDoor).ask({ method: "GET", path: "/openapi.json" });
  return Document.parse(answer.json);
};
const functionsOf = async (lab: Lab) => {
  const { items } = await lab.call<{ items: readonly FunctionDescription[] }>("functions.list", {});
  return items;
};

Then("the document is OpenAPI {word}", async function (this: Lab, version: string) {
  assert.ok((await documentOf(this)).openapi.startsWith(version));
});
Then("every function has its route, its name and its answer there", async function (this: Lab) {
  const { paths } = await documentOf(this);
  const functions = await functionsOf(this);
  assert.ok(functions.length > 20);
  for (const { name, http, kind, creates } of functions) {
    assert.ok(paths[`/v1/functions/${name}`]?.["post"], name);
    if (!http) continue;
    const operation = paths[http.path]?.[http.method.toLowerCase()];
    assert.equal(operation?.operationId, name);
    const success = kind === "job" ? "202" : creates ? "201" : "200";
    assert.ok(Object.keys(operation?.responses ?? {}).includes(success), `${name} ${success}`);
  }
});
Then("nothing else of the document is a function", async function (this: Lab) {
  const { paths } = await documentOf(this);
  const names = (await functionsOf(this)).flatMap(({ name }) => [name, `${name}.invoke`]);
  const others = Object.values(paths)
    .flatMap((path) => Object.values(path))
    .map(({ operationId }) => operationId)
    .filter((id) => !names.includes(id));
  assert.deepEqual(others.toSorted(), ["events", "healthz", "metrics", "openapi", "readyz"]);
});
