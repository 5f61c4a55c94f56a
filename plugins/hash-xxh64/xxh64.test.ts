import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { Xxh64 } from "./xxh64.ts";

const hash = new Xxh64("xxh64");
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
beforeAll(() => hash.start());

test.each([
  ["", "ef46db3751d8e999"],
  ["a", "d24ec4f1a98c6e5b"],
  ["abc", "44bc2cf5ad770999"],
])("the signature of %j is the published one", (text, signature) => {
  expect(hex(hash.digest(Buffer.from(text)))).toBe(signature);
  expect(hash.digest(Buffer.from(text))).toHaveLength(hash.digestBytes);
});

test("a signature is not changed by later ones", () => {
  const first = hash.digest(Buffer.from("a"));
  hash.digest(Buffer.from("abc"));
  expect(hex(first)).toBe("d24ec4f1a98c6e5b");
});

test("digests in parts may take turns, and each has the signature of its whole", () => {
  const parts = fc.array(fc.tuple(fc.boolean(), fc.uint8Array({ maxLength: 100 })));
  fc.assert(
    fc.property(parts, (turns) => {
      const [left, right] = [hash.create(), hash.create()];
      for (const [toLeft, bytes] of turns) (toLeft ? left : right).update(bytes);
      const whole = (side: boolean) =>
        Buffer.concat(turns.filter(([toLeft]) => toLeft === side).map(([, b]) => b));
      expect(hex(left.digest())).toBe(hex(hash.digest(whole(true))));
      expect(hex(right.digest())).toBe(hex(hash.digest(whole(false))));
    }),
  );
});
