/** The process of `doomed-server.ts`: a server that stands still when its move comes to its moment. */
import type { Json } from "../../contract/index.ts";
import type { Call, Doomed, Said } from "./doomed-server.ts";
import { openMoveServer } from "./server.ts";

const { request, moment } = JSON.parse(process.argv[2] ?? "") as Doomed;
const say = (said: Said): void => void process.send?.(said);

process.on("disconnect", () => process.exit());
const engine = await openMoveServer(request, (point) => {
  if (point !== moment) return;
  say("reached");
  return new Promise(() => undefined);
});
/** Tells of a move that is over, which its moment will never come to. */
const tellEnd = async (): Promise<void> => {
  for await (const { job: id } of engine.events({ types: ["job.ended"] })) {
    const { output } = await engine.invoke("jobs.show", { id });
    say({ ended: output as Json });
  }
};
void tellEnd();

process.on("message", ({ id, call, input }: Call) => {
  engine.invoke(call, input).then(
    ({ output }) => say({ id, output: output as Json }),
    (error: unknown) => say({ id, failure: String(error) }),
  );
});
say("ready");
