import { overTakeovers } from "./over-takeovers.ts";

/** Each flush that is refused to a former writer takes the layer from the new one too. */
export default overTakeovers({
  former: (_, { refuse, spoil }) => ({
    flush: async () => {
      spoil();
      refuse();
    },
  }),
});
