import { overDigest } from "./over.ts";

/** Leaves out the zeroes at the front, as a number that is printed does. */
export default overDigest((sound) => (bytes) => {
  const signature = sound.digest(bytes);
  return signature.subarray(signature.findIndex((byte) => byte !== 0));
});
