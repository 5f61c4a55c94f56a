import { overTakeovers } from "./over-takeovers.ts";

/** Who had a layer before takes with it what it has written, when it closes it. */
export default overTakeovers({
  former: (layer, { written }) => ({
    close: async () => {
      for (const [offset, length] of written) await layer.zero(offset, length);
      await layer.close();
    },
  }),
});
