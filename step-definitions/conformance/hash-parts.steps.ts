import assert from "node:assert/strict";
import type { Digest } from "pagurus";
import { Then, When } from "pagurus/steps";
import { contentOf, HashUnderTest, hexOf } from "./hash/hash-under-test.ts";
import type { Kit } from "./world.ts";

const PART_BYTES = 100;

/** What one digest of a scenario is. */
class EndedDigest {
  digest: Digest | undefined;
}

Then(
  "the hash gives contents of up to {int} bytes, cut in two at every place, the signatures of the whole",
  function (this: Kit, most: number) {
    const it = this.part(HashUnderTest);
    for (let length = 0; length <= most; length++)
      for (let place = 0; place <= length; place++) it.assertParts(contentOf("cut", length), [place]);
  },
);
Then(
  "the hash gives {int} random contents, cut at random, the signatures of the whole",
  function (this: Kit, count: number) {
    const it = this.part(HashUnderTest);
    for (let turn = 0; turn < count; turn++) {
      const content = contentOf(`turn ${turn}`, it.random(5000));
      const places = Array.from({ length: it.random(20) }, () => it.random(content.length + 1));
      it.assertParts(
        content,
        places.sort((a, b) => a - b),
      );
    }
  },
);
Then(
  "the hash gives {int} contents in parts the same signatures whether they take turns or not",
  function (this: Kit, count: number) {
    const it = this.part(HashUnderTest);
    const contents = Array.from({ length: count }, (_, which) =>
      Array.from({ length: 5 }, (_part, index) => contentOf(`${which} ${index}`, PART_BYTES)),
    );
    const alone = contents.map((parts) => it.inParts(parts));
    const digests = contents.map((parts) => ({ parts, digest: it.hash.create() }));
    for (let index = 0; index < 5; index++)
      for (const { parts, digest } of digests) {
        digest.update(parts[index] ?? new Uint8Array());
        it.whole(contentOf("between", PART_BYTES));
      }
    const together = digests.map(({ digest }) => hexOf(digest.digest()));
    assert.deepEqual(together, alone, "digests that take turns have other signatures than each has alone");
  },
);
Then(
  "the hash gives parts that pass through one buffer the signature that they have in buffers of their own",
  function (this: Kit) {
    const it = this.part(HashUnderTest);
    const parts = Array.from({ length: 5 }, (_, index) => contentOf(`${index}`, PART_BYTES));
    const digest = it.hash.create();
    const buffer = new Uint8Array(PART_BYTES);
    for (const part of parts) {
      buffer.set(part);
      digest.update(buffer);
    }
    buffer.fill(0xee);
    const what = "a part counted with what its buffer held later";
    assert.equal(hexOf(digest.digest()), it.inParts(parts), what);
  },
);

When("a digest of the hash has ended", function (this: Kit) {
  const digest = this.part(HashUnderTest).hash.create();
  digest.update(contentOf("ended", PART_BYTES));
  digest.digest();
  this.part(EndedDigest).digest = digest;
});
Then("the hash refuses to go on with the digest", function (this: Kit) {
  const { digest } = this.part(EndedDigest);
  const what = "a digest that has ended took one more part";
  assert.throws(() => digest?.update(contentOf("late", PART_BYTES)), what);
});
Then("the hash refuses to end the digest again", function (this: Kit) {
  const { digest } = this.part(EndedDigest);
  assert.throws(() => digest?.digest(), "a digest that has ended gave one more signature");
});
