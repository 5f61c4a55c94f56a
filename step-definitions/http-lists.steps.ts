import assert from "node:assert/strict";
import { z } from "pagurus";
import { Then, When } from "pagurus/steps";
import { HttpDoor } from "./support/http-door.ts";
import type { Lab } from "./world.ts";

const Page = { items: z.array(z.object({ name: z.string() })), next: z.string().optional() };

When("a caller reads the disks page by page, {int} at a time", async function (this: Lab, limit: number) {
  const door = this.part(HttpDoor);
  for (let next: string | undefined = ""; next !== undefined; ) {
    const after: string = next === "" ? "" : `&after=${encodeURIComponent(next)}`;
    next = (await door.ask({ method: "GET", path: `/v1/disks?limit=${limit}${after}` })).fields(Page).next;
  }
});

Then(
  "the pages have {names}, then {names}, then {names}",
  function (this: Lab, first: string[], second: string[], third: string[]) {
    const { answers } = this.part(HttpDoor);
    const pages = answers.map((answer) => answer.fields(Page).items.map(({ name }) => name));
    assert.deepEqual(pages, [first, second, third]);
  },
);
