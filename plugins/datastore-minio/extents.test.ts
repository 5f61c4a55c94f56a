import { expect, test } from "vitest";
import { ExtentMap } from "./extent-map.ts";
import { extentsOf } from "./extents.ts";

const block = 4096;

test("a block of which several parts were written is data once, and a hole goes on behind it", async () => {
  const map = new ExtentMap();
  map.putFragment(1, 4, 4, 1, 0);
  map.putFragment(2, 0, 2, 1, 1);
  map.putFragment(2, 3, 3, 1, 2);
  const found = [];
  for await (const extent of extentsOf(map, 0, 5 * block)) found.push(extent);
  expect(found).toEqual([
    { offset: 0, length: block, kind: "zero" },
    { offset: block, length: 2 * block, kind: "data" },
    { offset: 3 * block, length: 2 * block, kind: "zero" },
  ]);
});
