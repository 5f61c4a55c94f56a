import { definePlugin, HashFunction, z } from "pagurus";
import { Sha256 } from "./sha256.ts";

export default definePlugin({
  id: "hash-sha256",
  apiVersion: 1,
  summary: "SHA-256, whose equal signatures may stand for equal bytes",
  provides: [HashFunction],
  config: z.strictObject({}),
  register({ bind, id }) {
    bind(HashFunction).toConstantValue(new Sha256(id));
  },
});
