import { definePlugin, HashFunction, z } from "pagurus";
import { Xxh64 } from "./xxh64.ts";

export default definePlugin({
  id: "hash-xxh64",
  apiVersion: 1,
  summary: "XXH64, a fast signature for finding candidates",
  provides: [HashFunction],
  config: z.strictObject({}),
  register({ bind, id }) {
    bind(HashFunction).toConstantValue(new Xxh64(id));
  },
});
