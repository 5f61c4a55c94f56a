import assert from "node:assert/strict";
import { After, Before } from "pagurus/steps";
import type { Lab } from "./world.ts";

Before(async function (this: Lab) {
  await this.open();
});

After(async function (this: Lab, { result }) {
  try {
    // A scenario that failed has its reason already.
    if (result?.status === "PASSED") assert.deepEqual(await this.wrongs(), []);
  } finally {
    await this.close();
  }
});
