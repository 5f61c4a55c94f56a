/** The process of `doomed-servers.ts`: servers that stand still when a move of theirs comes to their moment. */
import type { Engine, Json } from "../../contract/index.ts";
import type { Call, Doomed, Said } from "./doomed-servers.ts";
import { openMoveServer } from "./server.ts";

const doomed = JSON.parse(process.argv[2] ?? "") as readonly Doomed[];
const say = (said: Said): void => void process.send?.(said);

process.on("disconnect", () => process.exit());
const engines = await Promise.all(
  doomed.map(({ request, moment }, server) =>
    openMoveServer(request, (point) => {
      if (point !== moment) return;
      say({ reached: server });
      return new Promise(() => undefined);
    }),
  ),
);
/** Tells of a move that is over, which its moment will never come to. */
const tellEnd = async (engine: Engine, server: number): Promise<void> => {
  for await (const { job: id } of engine.events({ types: ["job.ended"] })) {
    const { output } = await engine.invoke("jobs.show", { id });
    say({ ended: server, job: output as Json });
  }
};
for (const [server, engine] of engines.entries()) void tellEnd(engine, server);

process.on("message", ({ id, server, call, input }: Call) => {
  engines[server]?.invoke(call, input).then(
    ({ output }) => say({ id, output: output as Json }),
    (error: unknown) => say({ id, failure: String(error) }),
  );
});
say("ready");
