import assert from "node:assert/strict";
import { defineParameterType, Then } from "pagurus/steps";
import { HttpDoor } from "./support/http-door.ts";
import type { Lab } from "./world.ts";

defineParameterType({ name: "code", regexp: /[a-z]+(?:-[a-z]+)+/, transformer: (text: string) => text });

Then("it is refused {int} as {code}", function (this: Lab, status: number, code: string) {
  const { problem } = this.part(HttpDoor).answer;
  assert.deepEqual([problem.status, problem.code], [status, code], problem.detail);
});
Then("the refusal reads {string}", function (this: Lab, sentence: string) {
  assert.equal(this.part(HttpDoor).answer.problem.detail, sentence);
});
Then("the refusal says {string}", function (this: Lab, text: string) {
  const { detail } = this.part(HttpDoor).answer.problem;
  assert.ok(detail.includes(text), detail);
});
Then("the refusal points at {names}", function (this: Lab, pointers: string[]) {
  const { errors = [] } = this.part(HttpDoor).answer.problem;
  assert.deepEqual(errors.map(({ pointer }) => pointer).toSorted(), pointers.toSorted());
});
Then("the refusal's chain ends in {code}", function (this: Lab, code: string) {
  let innermost: unknown = this.part(HttpDoor).answer.problem.chain;
  const codes: string[] = [];
  while (typeof innermost === "object" && innermost !== null && "code" in innermost) {
    codes.push(String(innermost.code));
    innermost = "causes" in innermost && Array.isArray(innermost.causes) ? innermost.causes[0] : undefined;
  }
  assert.ok(codes.length > 1, `only ${codes}`);
  assert.equal(codes.at(-1), code);
});
