import { Then } from "pagurus/steps";
import type { Lab } from "./world.ts";

Then("the failure is reported as {code}", async function (this: Lab, code: string) {
  await this.expectReport(code);
});
