import type { OpenFile } from "./files.ts";

/** Fills `into`, however many reads that takes. */
export const readFully = (file: OpenFile, into: Uint8Array, at: number): void => {
  let done = file.read(into, at);
  while (done < into.length) {
    const more = file.read(into.subarray(done), at + done);
    if (more === 0) throw new Error(`the file ends at byte ${at + done}`);
    done += more;
  }
};

/** Writes all of `from`, however many writes that takes. */
export const writeFully = (file: OpenFile, from: Uint8Array, at: number): void => {
  let done = file.write(from, at);
  while (done < from.length) done += file.write(from.subarray(done), at + done);
};
