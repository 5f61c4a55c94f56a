import { overDriver } from "./over.ts";

/** Ends every transaction by its commit, also one whose work has failed. */
export default overDriver((sound) => ({
  rollbackTransaction: (connection) => sound.commitTransaction(connection),
}));
