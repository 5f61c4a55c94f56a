import { overDriver } from "./over.ts";

export const alsoCaughtBy = ["The power fails while a catalog is made and written to"];

const LATER = 30;

/** Answers before the commit, which follows when whoever was answered has gone on a little. */
export default overDriver((sound) => {
  let committed = Promise.resolve();
  return {
    async acquireConnection() {
      await committed;
      return sound.acquireConnection();
    },
    async commitTransaction(connection) {
      const later = async () => {
        for (let n = 0; n < LATER; n++) await undefined;
        await sound.commitTransaction(connection);
      };
      committed = later();
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
