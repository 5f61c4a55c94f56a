import { broken } from "./over.ts";

/** Gives up when its rounds lead nowhere, also while its operator is waited for. */
export default broken(() => ({
  nowhere(move) {
    throw move.notConverging();
  },
}));
