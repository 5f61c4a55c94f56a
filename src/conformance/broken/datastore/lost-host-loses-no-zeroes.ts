import { overUndone } from "./over-undone.ts";

/** What is zeroed stays in the host, flushed or not, until the layer is closed. */
export default overUndone((layer, note) => ({
  zero: (offset, length) => {
    note(offset, length);
    return layer.zero(offset, length);
  },
}));
