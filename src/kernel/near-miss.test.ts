import { expect, it } from "vitest";
import { nearMiss } from "./near-miss.ts";

it("takes a slip of the pen for the word that was meant, and nothing for an unrelated one", () => {
  const known = ["root", "listen", "datastore-local"];
  expect(nearMiss("rot", known)).toBe("root");
  expect(nearMiss("lisetn", known)).toBe("listen");
  expect(nearMiss("datastore-locla", known)).toBe("datastore-local");
  expect(nearMiss("retries", known)).toBeUndefined();
  expect(nearMiss("x", [])).toBeUndefined();
});
