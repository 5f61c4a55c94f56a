import { overDriver } from "./over.ts";

/** Answers before the commit, which follows as soon as nothing else is to be done. */
export default overDriver((sound) => {
  let committed = Promise.resolve();
  return {
    async acquireConnection() {
      await committed;
      return sound.acquireConnection();
    },
    async commitTransaction(connection) {
      committed = new Promise((resolve, reject) => {
        process.nextTick(() => void sound.commitTransaction(connection).then(resolve, reject));
      });
    },
    async releaseConnection(connection) {
      void committed.then(() => sound.releaseConnection(connection));
    },
    async destroy() {
      await committed;
      await sound.destroy();
    },
  };
});
