import { setImmediate } from "node:timers/promises";
import { overMemory, UnderWay } from "./over.ts";

/** Writes the first half of every sector and then the second, of many writes the last one's first. */
export default overMemory({
  layer: (sound) => {
    const underWay = new UnderWay();
    const secondHalves: (() => void)[] = [];
    const write = async (offset: number, from: Uint8Array) => {
      const bytes = new Uint8Array(from);
      const halves = (first: number) => {
        for (let at = first; at < bytes.length; at += 512)
          void sound.write(offset + at, bytes.subarray(at, at + 256));
      };
      halves(0);
      secondHalves.push(() => halves(256));
      await setImmediate();
      secondHalves.pop()?.();
    };
    return {
      write: (offset, from) => underWay.add(write(offset, from)),
      close: () => underWay.end().then(() => sound.close()),
    };
  },
});
