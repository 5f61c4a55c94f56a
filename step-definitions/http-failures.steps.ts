import { Given, Then } from "pagurus/steps";
import type { Lab } from "./world.ts";

Given("the datastore {string} refuses to create a layer", async function (this: Lab, datastore: string) {
  await this.conductor.arm({ datastore, operation: "create", skip: 0, act: "fail" });
});
Then("the failure is reported as {code}", async function (this: Lab, code: string) {
  await this.expectReport(code);
});
