import { overTakeovers } from "./over-takeovers.ts";

/** A writer who has lost the layer is refused its flushes, and its writes arrive all the same. */
export default overTakeovers({ former: (layer) => ({ write: (offset, from) => layer.write(offset, from) }) });
