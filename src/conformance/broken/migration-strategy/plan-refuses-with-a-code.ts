import { broken } from "./over.ts";

/** Refuses disks whose last block is short, and gives no code for that. */
export default broken(() => ({
  plan({ disk, sizeBytes }) {
    if (sizeBytes % 4096 !== 0) throw new TypeError(`${disk} can't be cut into blocks`);
  },
}));
