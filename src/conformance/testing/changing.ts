import { Datastore, definePlugin, z } from "pagurus";

const unneeded = async () => {
  throw new TypeError("nobody asks for this here");
};

/** A datastore that can do more once something was removed from it. */
export default definePlugin({
  id: "changing",
  apiVersion: 1,
  summary: "Changes what it says that it can do",
  provides: [Datastore],
  config: z.strictObject({}),
  register({ bind, id }) {
    let removed = false;
    bind(Datastore).toConstantValue({
      id,
      get capabilities() {
        return removed ? { sparse: true } : {};
      },
      remove: async () => {
        removed = true;
      },
      async *list() {},
      inspect: async () => undefined,
      create: unneeded,
      open: unneeded,
      stamp: unneeded,
      check: unneeded,
    });
  },
});
