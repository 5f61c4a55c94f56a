import { definePlugin, HashFunction, z } from "pagurus";

/** Says that it provides a hash function, and binds none. */
export default definePlugin({
  id: "broken-hash",
  apiVersion: 1,
  summary: "A hash function that isn't there",
  provides: [HashFunction],
  config: z.strictObject({}),
  register: () => undefined,
});
