import fc from "fast-check";
import { expect, test } from "vitest";
import { Sha256 } from "./sha256.ts";

const hash = new Sha256("sha256");
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

test.each([
  ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
  ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
])("the signature of %j is the standard's", (text, signature) => {
  expect(hex(hash.digest(Buffer.from(text)))).toBe(signature);
  expect(hash.digest(Buffer.from(text))).toHaveLength(hash.digestBytes);
});

test("content that arrives in parts has the signature of the whole", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array()), (parts) => {
      const digest = hash.create();
      for (const part of parts) digest.update(part);
      expect(hex(digest.digest())).toBe(hex(hash.digest(Buffer.concat(parts))));
    }),
  );
});
