import type { OpenFile } from "./files.ts";

const endsAt = (at: number): Error => new Error(`the file ends at byte ${at}`);

/** Fills `into`, however many reads that takes. */
export const readFully = (file: OpenFile, into: Uint8Array, at: number): void => {
  let done = file.read(into, at);
  while (done < into.length) {
    const more = file.read(into.subarray(done), at + done);
    if (more === 0) throw endsAt(at + done);
    done += more;
  }
};

/** As `readFully`, in the thread pool. */
export const readLater = async (file: OpenFile, into: Uint8Array, at: number): Promise<void> => {
  for (let done = 0; done < into.length; ) {
    const more = await file.readLater(into.subarray(done), at + done);
    if (more === 0) throw endsAt(at + done);
    done += more;
  }
};

/** Writes all of `from`, however many writes that takes. */
export const writeFully = (file: OpenFile, from: Uint8Array, at: number): void => {
  let done = file.write(from, at);
  while (done < from.length) done += file.write(from.subarray(done), at + done);
};
