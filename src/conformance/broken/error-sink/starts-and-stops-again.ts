import { overSink } from "./over.ts";

export { config } from "./over.ts";

/** Lets go of its buffers when it stops, and stumbles where they are gone. */
export default overSink(() => {
  const buffers = new Map([["lines", new Uint8Array(4096)]]);
  return {
    stop() {
      if (!buffers.delete("lines")) throw new TypeError("there are no lines");
    },
  };
});
