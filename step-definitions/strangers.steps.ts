import { Given, When } from "pagurus/steps";
import { LocalServer } from "./support/local-server.ts";
import { SecondCopy } from "./support/second-copy.ts";
import type { Lab } from "./world.ts";

/** A run of the kit is a run of many scenarios. */
const unhurried = { timeout: 180_000 };

Given("a plugin with a copy of Pagurus of its own", async function (this: Lab) {
  await this.part(SecondCopy).install();
});

When(
  "a person checks a configuration in which it is given the wrong key {string}",
  async function (this: Lab, key: string) {
    const file = await this.part(SecondCopy).misconfigure(key);
    await this.part(LocalServer).pagurus(["config", "check", "--config", file]);
  },
);
When("a person holds it to the features", unhurried, async function (this: Lab) {
  await this.part(LocalServer).pagurus(["conform", this.part(SecondCopy).plugin]);
});
