import { overDriver } from "./over.ts";

/** Answers before the commit, which follows in the next turn. */
export default overDriver((sound) => {
  let committed = Promise.resolve();
  return {
    async acquireConnection() {
      await committed;
      return sound.acquireConnection();
    },
    async commitTransaction(connection) {
      committed = new Promise((resolve, reject) => {
        setImmediate(() => void sound.commitTransaction(connection).then(resolve, reject));
      });
    },
    async releaseConnection(connection) {
      void committed.then(() => sound.releaseConnection(connection));
    },
  };
});
