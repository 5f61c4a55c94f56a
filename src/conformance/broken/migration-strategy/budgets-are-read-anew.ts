import type { DiskMove } from "pagurus";
import { broken } from "./over.ts";

/** Goes by the pause that was allowed when the move began. */
export default broken((sound) => {
  const pauses = new WeakMap<DiskMove, number>();
  return {
    bulk(move) {
      pauses.set(move, move.budgets.maxPauseMs);
      return sound.bulk(move);
    },
    fits: (move) => Math.max(1, move.fittingBlocks(pauses.get(move) ?? 0, { flushed: true })),
  };
});
