import { definePlugin, z } from "pagurus";
import { count } from "./count.ts";

export default definePlugin({
  id: "my-plugin",
  apiVersion: 1,
  summary: "MY-SUMMARY",
  config: z.strictObject({}),
  functions: [count],
});
