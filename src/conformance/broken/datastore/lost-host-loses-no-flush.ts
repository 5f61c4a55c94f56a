import { overUndone } from "./over-undone.ts";

/** What is written stays in the host, flushed or not, until the layer is closed. */
export default overUndone((layer, note) => ({
  write: (offset, from) => {
    note(offset, from.length);
    return layer.write(offset, from);
  },
}));
