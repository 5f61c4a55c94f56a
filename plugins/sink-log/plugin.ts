import { definePlugin, ErrorSink, Log, z } from "pagurus";
import { logSink } from "./log-sink.ts";

export default definePlugin({
  id: "sink-log",
  apiVersion: 1,
  summary: "Reports as lines of the server's log",
  provides: [ErrorSink],
  requires: [Log],
  config: z.strictObject({}),
  register({ bind, id }) {
    bind(ErrorSink).toResolvedValue((log: Log) => logSink(id, log), [Log]);
  },
});
