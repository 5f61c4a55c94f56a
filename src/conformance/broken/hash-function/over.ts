import { createHash } from "node:crypto";
import { type Digest, definePlugin, HashFunction, type Plugin, z } from "pagurus";

/** A digest that gives what `end` makes of all the parts, as they were when they came. */
export const digestOf = (end: (content: Uint8Array) => Uint8Array): Digest => {
  const parts: Uint8Array[] = [];
  let ended = false;
  const refuse = () => {
    if (ended) throw new TypeError("the digest has ended");
  };
  return {
    update(bytes) {
      refuse();
      parts.push(bytes.slice());
    },
    digest() {
      refuse();
      ended = true;
      return end(Buffer.concat(parts));
    },
  };
};

/** SHA-256, sound in everything; it names no algorithm, so that a broken one need not be as published. */
const sound = (id: string): HashFunction => ({
  id,
  digestBytes: 32,
  strong: true,
  digest: (bytes) => new Uint8Array(createHash("sha256").update(bytes).digest()),
  create: () => digestOf((content) => new Uint8Array(createHash("sha256").update(content).digest())),
});

/** A plugin whose hash function is sound but for what `broken` puts in place. */
export const overHash = (broken: (sound: HashFunction) => Partial<HashFunction>): Plugin =>
  definePlugin({
    id: "broken-hash",
    apiVersion: 1,
    summary: "A hash function that breaks one rule",
    provides: [HashFunction],
    config: z.strictObject({}),
    register({ bind, id }) {
      bind(HashFunction).toConstantValue({ ...sound(id), ...broken(sound(id)) });
    },
  });

/** The same with what it makes of whole contents, and so of contents in parts. */
export const overDigest = (broken: (sound: HashFunction) => (bytes: Uint8Array) => Uint8Array): Plugin =>
  overHash((sound) => {
    const digest = broken(sound);
    return { digest, create: () => digestOf(digest) };
  });
