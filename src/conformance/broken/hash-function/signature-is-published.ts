import { digestOf, overHash } from "./over.ts";

/** Says that it is SHA-256 and gives its bytes the other way round. */
export default overHash((sound) => {
  const digest = (bytes: Uint8Array) => sound.digest(bytes).reverse();
  return { algorithm: "sha256", digest, create: () => digestOf(digest) };
});
