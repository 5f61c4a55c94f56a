import { overHash } from "./over.ts";

const BLOCK_BYTES = 64;

/** Ends a block wherever a part ends, where what is left over should wait for the next part. */
export default overHash((sound) => ({
  create() {
    const digest = sound.create();
    return {
      update(bytes) {
        digest.update(bytes);
        const over = bytes.length % BLOCK_BYTES;
        if (over > 0) digest.update(new Uint8Array(BLOCK_BYTES - over));
      },
      digest: () => digest.digest(),
    };
  },
}));
