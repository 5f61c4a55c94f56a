import { setImmediate } from "node:timers/promises";
import { overMemory, UnderWay } from "./over.ts";

export const alsoCaughtBy = ["Random operations on a layer and on an array"];

/** Gathers all writes in one buffer before they go to the store. */
export default overMemory({
  layer: (sound) => {
    const underWay = new UnderWay();
    let gathered = new Uint8Array();
    const write = async (offset: number, from: Uint8Array) => {
      gathered = new Uint8Array(from);
      await setImmediate();
      await sound.write(offset, gathered);
    };
    return {
      write: (offset, from) => underWay.add(write(offset, from)),
      close: () => underWay.end().then(() => sound.close()),
    };
  },
});
