import { overElsewhere } from "./over-files.ts";

const SHORT_BYTES = 4096;

/** Short writes wait in memory for a flush, while longer ones that come later are carried out. */
export default overElsewhere({
  datastore: (sound) => ({ capabilities: { ...sound.capabilities, "prefix-consistent": true } }),
  layer: (sound) => {
    let waiting: { readonly offset: number; readonly bytes: Uint8Array }[] = [];
    const carryOut = () => {
      for (const { offset, bytes } of waiting) void sound.write(offset, bytes);
      waiting = [];
    };
    const isWaiting = (offset: number, length: number) =>
      waiting.some((one) => one.offset < offset + length && offset < one.offset + one.bytes.length);
    const inOrder = (offset: number, length: number) => {
      if (isWaiting(offset, length)) carryOut();
    };
    return {
      read: (offset, into) => {
        inOrder(offset, into.length);
        return sound.read(offset, into);
      },
      write: (offset, from) => {
        inOrder(offset, from.length);
        if (from.length >= SHORT_BYTES) return sound.write(offset, from);
        // What is read-only or closed is refused at once.
        void sound.write(offset, new Uint8Array());
        waiting.push({ offset, bytes: Uint8Array.from(from) });
        return undefined;
      },
      zero: (offset, length) => {
        inOrder(offset, length);
        return sound.zero(offset, length);
      },
      flush: async () => {
        carryOut();
        await sound.flush();
      },
      resize: async (sizeBytes) => {
        carryOut();
        await sound.resize(sizeBytes);
      },
      close: () => {
        // Of a closed one nothing waits any more.
        carryOut();
        return sound.close();
      },
    };
  },
});
