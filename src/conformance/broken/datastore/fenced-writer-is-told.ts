import { overTakeovers } from "./over-takeovers.ts";

/** From a writer who has lost the layer everything is taken as before, and goes nowhere. */
export default overTakeovers({
  former: () => ({ write: () => undefined, zero: () => undefined, flush: async () => undefined }),
});
