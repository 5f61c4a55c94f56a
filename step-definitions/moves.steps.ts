import assert from "node:assert/strict";
import { Then, When } from "pagurus/steps";
import type { Lab } from "./world.ts";

When("{string} is moved to {string}", async function (this: Lab, disk: string, to: string) {
  await this.startMove([disk], to);
  await this.jobEnded();
});

Then("the move has succeeded", async function (this: Lab) {
  const { state, outcome, report } = await this.jobEnded();
  assert.deepEqual({ state, outcome, report }, { state: "succeeded", outcome: { code: "ok" }, report: null });
});
