import assert from "node:assert/strict";
import { defineParameterType, Given, Then, When } from "pagurus/steps";
import { type EngineBehind, HttpDoor, type Route } from "./support/http-door.ts";
import type { Lab } from "./world.ts";

defineParameterType({
  name: "engine",
  regexp: /the engine|a remote engine/,
  transformer: (text: string) => text as EngineBehind,
});
defineParameterType({
  name: "request",
  regexp: /(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (\/\S*)/,
  transformer: (method: string, path: string): Route => ({ method, path }),
});
defineParameterType({ name: "json", regexp: /[{[].*[}\]]/, transformer: (text: string) => text });

const field = (text: string): Readonly<Record<string, string>> => {
  const [name = "", ...rest] = text.split(":");
  return { [name.toLowerCase()]: rest.join(":").trim() };
};

Given("an edge before {engine}", function (this: Lab, behind: EngineBehind) {
  this.part(HttpDoor).behind = behind;
});
Given("empty disks {names}", async function (this: Lab, names: string[]) {
  for (const name of names) await this.createDisk(name, 4096);
});

When("a caller asks {request}", async function (this: Lab, request: Route) {
  await this.part(HttpDoor).ask(request);
});
When("a caller sends {request} with {json}", async function (this: Lab, request: Route, body: string) {
  await this.part(HttpDoor).ask({ ...request, body });
});
When(
  "a caller sends {request} with {json} and the key {string}",
  async function (this: Lab, request: Route, body: string, key: string) {
    await this.part(HttpDoor).ask({ ...request, body, headers: { "idempotency-key": key } });
  },
);
When(
  "a caller sends {request} with the {string} text {string}",
  async function (this: Lab, request: Route, type: string, body: string) {
    await this.part(HttpDoor).ask({ ...request, body, headers: { "content-type": type } });
  },
);
When("a caller sends {request} with {size}", async function (this: Lab, request: Route, size: number) {
  await this.part(HttpDoor).ask({ ...request, body: JSON.stringify({ name: "x".repeat(size) }) });
});
When(
  "a caller asks {request} with the header {string}",
  async function (this: Lab, request: Route, header: string) {
    await this.part(HttpDoor).ask({ ...request, headers: field(header) });
  },
);
When("the call is repeated", async function (this: Lab) {
  await this.part(HttpDoor).repeat();
});
When("the server is stopped and started again", async function (this: Lab) {
  await this.part(HttpDoor).restart();
});

Then("it is answered {int}", function (this: Lab, status: number) {
  const { answer } = this.part(HttpDoor);
  assert.equal(answer.status, status, answer.text);
});
Then("it is answered {int} with the header {string}", function (this: Lab, status: number, header: string) {
  const { answer } = this.part(HttpDoor);
  assert.equal(answer.status, status, answer.text);
  for (const [name, value] of Object.entries(field(header))) assert.equal(answer.headers.get(name), value);
});
Then("the answer is {json}", function (this: Lab, json: string) {
  assert.deepEqual(this.part(HttpDoor).answer.json, JSON.parse(json));
});
Then("the answer contains {json}", function (this: Lab, json: string) {
  const answer = this.part(HttpDoor).answer.json;
  assert.ok(typeof answer === "object" && answer !== null);
  const expected: object = JSON.parse(json);
  const keys = Object.keys(expected);
  assert.deepEqual(
    Object.fromEntries(Object.entries(answer).filter(([key]) => keys.includes(key))),
    expected,
  );
});
Then("the answer says {string}", function (this: Lab, text: string) {
  assert.ok(this.part(HttpDoor).answer.text.includes(text), this.part(HttpDoor).answer.text);
});
Then("what it created is read at its Location", async function (this: Lab) {
  const door = this.part(HttpDoor);
  const made = door.answer;
  const read = await door.ask({ method: "GET", path: made.headers.get("location") ?? "/nowhere" });
  assert.equal(read.status, 200, read.text);
  assert.deepEqual(read.json, made.json);
});
