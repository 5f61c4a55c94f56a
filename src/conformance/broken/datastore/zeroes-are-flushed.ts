import type { Layer } from "pagurus";
import { overFiles } from "./over-files.ts";

const nothing = new Uint8Array(0);

/** What is zeroed is only remembered, until something is written: a flush passes it by. */
export default overFiles({
  layer: (sound) => {
    const zeroed: { readonly offset: number; readonly length: number }[] = [];
    const settle = () => {
      for (const { offset, length } of zeroed.splice(0)) sound.zero(offset, length);
    };
    const after =
      <K extends "read" | "write">(name: K): Layer[K] =>
      (offset, bytes) => {
        settle();
        return sound[name](offset, bytes);
      };
    return {
      zero: (offset, length) => {
        // Refused where a write is.
        sound.write(offset, nothing);
        zeroed.push({ offset, length });
      },
      read: after("read"),
      write: after("write"),
      resize: (sizeBytes) => {
        settle();
        return sound.resize(sizeBytes);
      },
    };
  },
});
