import { overHash } from "./over.ts";

/** Lets go of its tables when it stops, and stumbles where they are gone. */
export default overHash(() => {
  const tables = new Map([["rounds", new Uint32Array(64)]]);
  return {
    stop() {
      if (!tables.delete("rounds")) throw new TypeError("there are no rounds");
    },
  };
});
