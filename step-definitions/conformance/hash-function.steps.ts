import assert from "node:assert/strict";
import { alignedBuffer, HashFunction } from "pagurus";
import { signaturesElsewhere } from "pagurus/conformance";
import { Given, Then, When } from "pagurus/steps";
import { contentOf, HashUnderTest, hexOf, someContents } from "./hash/hash-under-test.ts";
import { publishedContents, publishedSignatures, weakAlgorithms } from "./hash/published-signatures.ts";
import type { Kit } from "./world.ts";

/** 112 bits against who looks for collisions. */
const MIN_STRONG_BYTES = 28;

Given("the hash is strong", function (this: Kit) {
  if (this.part(HashUnderTest).hash.strong) return undefined;
  this.log("needs a hash that is strong");
  return "skipped";
});

When("the hash gives a content its signature", function (this: Kit) {
  const it = this.part(HashUnderTest);
  const signature = it.hash.digest(contentOf("first", 100));
  it.first = { signature, hex: hexOf(signature) };
});
When("the hash is used for other contents, whole and in parts", function (this: Kit) {
  const it = this.part(HashUnderTest);
  for (const content of someContents(20)) {
    it.whole(content);
    it.inParts([content]);
  }
});
When("the hash gives a buffer its signature, and the buffer is filled anew", function (this: Kit) {
  const it = this.part(HashUnderTest);
  it.buffer = contentOf("first", 4096);
  it.first.hex = it.whole(it.buffer);
  it.buffer.set(contentOf("second", 4096));
});
When("the hash is started again", async function (this: Kit) {
  await this.part(HashUnderTest).hash.start?.({ signal: new AbortController().signal });
});

Then("the hash gives the published signatures of its algorithm", function (this: Kit) {
  const it = this.part(HashUnderTest);
  const { algorithm } = it.hash;
  const published = publishedSignatures[algorithm ?? ""];
  if (!published) {
    const known = Object.keys(publishedSignatures).join(", ");
    this.log(`needs an \`algorithm\` whose signatures the kit knows (${known})`);
    return "skipped";
  }
  for (const [index, text] of publishedContents.entries()) {
    const what = `${algorithm} of ${text.length} bytes`;
    assert.equal(it.whole(new TextEncoder().encode(text)), published[index], `${what} is another signature`);
  }
  return undefined;
});
Then("the hash gives {int} contents signatures of the declared length", function (this: Kit, count: number) {
  const { hash } = this.part(HashUnderTest);
  for (let index = 0; index < count; index++) {
    const { length } = hash.digest(contentOf(`content ${index}`, index % 200));
    assert.equal(length, hash.digestBytes, `the signature of content ${index} is ${length} bytes long`);
  }
});
Then("the hash gives the buffer the signature of its new content", function (this: Kit) {
  const it = this.part(HashUnderTest);
  const alone = it.whole(contentOf("second", 4096));
  assert.equal(it.whole(it.buffer), alone, "a buffer that was filled anew has its old signature");
});
Then(
  "the hash gives the buffer its first signature when it holds the first content again",
  function (this: Kit) {
    const it = this.part(HashUnderTest);
    it.buffer.set(contentOf("first", 4096));
    assert.equal(it.whole(it.buffer), it.first.hex, "the same bytes have another signature later");
  },
);
Then(
  "another instance of the hash gives {int} contents the same signatures",
  async function (this: Kit, count: number) {
    const it = this.part(HashUnderTest);
    const other = (await this.open()).get(HashFunction);
    for (const content of someContents(count))
      assert.equal(hexOf(other.digest(content)), it.whole(content), "instances give other signatures");
  },
);
Then(
  "another process gives {int} contents the same signatures as the hash",
  async function (this: Kit, count: number) {
    const contents = someContents(count);
    const elsewhere = await signaturesElsewhere(this.request, contents);
    const here = contents.map((content) => this.part(HashUnderTest).whole(content));
    assert.deepEqual(elsewhere, here, "another process gives the same bytes other signatures");
  },
);
Then(
  "the hash gives the same bytes one signature at {int} places of a buffer",
  function (this: Kit, places: number) {
    assertPlaces(this.part(HashUnderTest), new Uint8Array(4096), places);
  },
);
Then(
  "the hash gives the same bytes one signature at {int} places of an aligned buffer",
  function (this: Kit, places: number) {
    assertPlaces(this.part(HashUnderTest), alignedBuffer(4096), places);
  },
);
Then(
  "the hash gives {int} random ranges of a buffer the signatures of their copies",
  function (this: Kit, count: number) {
    const it = this.part(HashUnderTest);
    const buffer = contentOf("random", 8192);
    for (let turn = 0; turn < count; turn++) {
      const start = it.random(buffer.length);
      const end = start + it.random(buffer.length - start + 1);
      const copy = buffer.slice(start, end);
      const found = it.whole(buffer.subarray(start, end));
      const what = `the bytes from ${start} to ${end} of a buffer have another signature than their copy`;
      assert.equal(found, it.whole(copy), what);
    }
  },
);
Then("the first signature of the hash is what it was", function (this: Kit) {
  const { first } = this.part(HashUnderTest);
  assert.equal(hexOf(first.signature), first.hex, "a signature was changed by later ones");
});
Then(
  "the hash leaves contents of {int} to {int} bytes as they are",
  function (this: Kit, least: number, most: number) {
    for (let length = least; length <= most; length++) assertUntouched(this.part(HashUnderTest), length);
  },
);
Then("the hash leaves a content of {size} as it is", function (this: Kit, length: number) {
  assertUntouched(this.part(HashUnderTest), length);
});
Then("the hash is strong only where collisions can't be made", function (this: Kit) {
  const { strong, digestBytes, algorithm = "" } = this.part(HashUnderTest).hash;
  if (!strong) return;
  assert.ok(
    digestBytes >= MIN_STRONG_BYTES,
    `it calls itself strong, and ${digestBytes} bytes are few enough to find two contents with one signature`,
  );
  assert.ok(!weakAlgorithms.has(algorithm), `it calls itself strong, and ${algorithm} isn't`);
});
Then(
  "the hash gives other signatures to {size} with one bit changed at their begin, in their middle and at their end",
  function (this: Kit, length: number) {
    const it = this.part(HashUnderTest);
    const content = contentOf("content", length);
    const signature = it.whole(content);
    for (const at of [0, length / 2, length - 1]) {
      const changed = content.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      const what = `${length} bytes have the same signature with one bit changed at ${at}`;
      assert.notEqual(it.whole(changed), signature, what);
    }
  },
);
Then(
  "the hash gives other signatures to zeroes of every length from {int} to {int} bytes",
  function (this: Kit, least: number, most: number) {
    const it = this.part(HashUnderTest);
    const lengthOf = new Map<string, number>();
    for (let length = least; length <= most; length++) {
      const signature = it.whole(new Uint8Array(length));
      const other = lengthOf.get(signature);
      assert.equal(other, undefined, `${other} and ${length} zeroes have the same signature`);
      lengthOf.set(signature, length);
    }
  },
);
Then("the hash can be stopped twice", async function (this: Kit) {
  const { hash } = this.part(HashUnderTest);
  await hash.stop?.();
  await hash.stop?.();
});

function assertPlaces(it: HashUnderTest, buffer: Uint8Array, places: number): void {
  const content = contentOf("moved", 1000);
  const signature = it.whole(content);
  for (let place = 0; place < places; place++) {
    buffer.fill(0xff);
    buffer.set(content, place);
    const found = it.whole(buffer.subarray(place, place + content.length));
    assert.equal(found, signature, `the same bytes have another signature ${place} bytes into a buffer`);
  }
}

function assertUntouched(it: HashUnderTest, length: number): void {
  const content = contentOf("untouched", length);
  const copy = content.slice();
  it.whole(content);
  it.inParts([content]);
  assert.ok(Buffer.compare(content, copy) === 0, `a content of ${length} bytes was changed`);
}
