import type { DiskMove } from "pagurus";
import { broken } from "./over.ts";

/** Keeps the move that it is at beside it, as if there were one at a time. */
export default broken((sound) => {
  let current: DiskMove | undefined;
  return {
    bulk(move) {
      current = move;
      return sound.bulk(move);
    },
    wait: (move) => sound.wait(current ?? move),
  };
});
