/** The process of `doomed-server.ts`: a server that stands still when a move comes to one moment. */
import type { PluginRequest } from "../plugin-under-test.ts";
import type { Call, Said } from "./doomed-server.ts";
import { openMoveServer } from "./server.ts";

const [request = "", moment = ""] = process.argv.slice(2);
const say = (said: Said): void => void process.send?.(said);

process.on("disconnect", () => process.exit());
const engine = await openMoveServer(JSON.parse(request) as PluginRequest, (point) => {
  if (point !== moment) return;
  say("reached");
  return new Promise(() => undefined);
});
process.on("message", ({ call, input }: Call) => {
  engine.invoke(call, input).then(
    ({ output }) => say({ output: output as never }),
    (error: unknown) => say({ failure: String(error) }),
  );
});
say("ready");
