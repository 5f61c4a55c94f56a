import assert from "node:assert/strict";
import { defineParameterType, Then, When } from "pagurus/steps";
import { likeness } from "./support/likeness.ts";
import { LocalServer } from "./support/local-server.ts";
import type { Lab } from "./world.ts";

defineParameterType({
  name: "command",
  regexp: /`pagurus ([^`]*)`/,
  transformer: (words: string) => words.split(" "),
});

When("a person runs {command}", async function (this: Lab, words: string[]) {
  await this.part(LocalServer).pagurus(words);
});

Then("it ends with exit code {int}", function (this: Lab, code: number) {
  const { last } = this.part(LocalServer);
  assert.equal(last.code, code, last.out + last.err);
});
Then("it prints {json}", function (this: Lab, json: string) {
  const { out, err } = this.part(LocalServer).last;
  assert.notEqual(out, "", err);
  const expected: unknown = JSON.parse(json);
  assert.deepEqual(likeness(JSON.parse(out), expected), expected);
});
Then("it prints the fields {names}", function (this: Lab, names: string[]) {
  const printed: object = JSON.parse(this.part(LocalServer).last.out);
  for (const name of names) assert.ok(name in printed, `${name} of ${Object.keys(printed)}`);
});
Then("it says {string}", function (this: Lab, text: string) {
  const { out, err } = this.part(LocalServer).last;
  const said = (out + err).replaceAll(this.folder, "FOLDER");
  assert.ok(said.includes(text), said);
});
Then("it says in one sentence {string}", function (this: Lab, sentence: string) {
  const lines = this.part(LocalServer)
    .last.err.split("\n")
    .filter((line) => line !== "" && !line.startsWith("{"));
  assert.deepEqual(
    lines.map((line) => line.replaceAll(this.folder, "FOLDER")),
    [`pagurus: ${sentence}`],
  );
});
