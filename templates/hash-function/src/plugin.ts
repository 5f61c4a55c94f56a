import { definePlugin, HashFunction, z } from "pagurus";
import { MyPluginHash } from "./hash.ts";

export default definePlugin({
  id: "my-plugin",
  apiVersion: 1,
  summary: "MY-SUMMARY",
  provides: [HashFunction],
  config: z.strictObject({}),
  register({ bind, id }) {
    bind(HashFunction).toConstantValue(new MyPluginHash(id));
  },
});
