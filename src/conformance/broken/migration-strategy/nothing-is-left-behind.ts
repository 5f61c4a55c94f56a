import type { DiskMove } from "pagurus";
import { broken } from "./over.ts";

const beat = (move: DiskMove): void => void move.clock.after(1000, () => beat(move));

/** Looks after its move once a second, and forgets to end that. */
export default broken((sound) => ({
  bulk(move) {
    beat(move);
    return sound.bulk(move);
  },
}));
