import type { Digest } from "pagurus";
import { overHash } from "./over.ts";

/** Has one state for all digests, which the newest one empties. */
export default overHash((sound) => {
  let shared: Digest = sound.create();
  return {
    create() {
      shared = sound.create();
      let ended: Digest | undefined;
      const state = () => ended ?? shared;
      return {
        update: (bytes) => state().update(bytes),
        digest() {
          const last = state();
          ended = last;
          const signature = last.digest();
          shared = sound.create();
          return signature;
        },
      };
    },
  };
});
