/** `npm run bench`: Pagurus side by side with its peers. */

import { writeFile } from "node:fs/promises";
import { tellFailure } from "../src/cli/failure.ts";
import { Bench } from "./common/bench.ts";
import { demandBuild } from "./common/built.ts";
import { makePlaces } from "./common/place.ts";
import { withUndo } from "./common/undo.ts";
import { type BenchOptions, readOptions, type ToolName, usage } from "./options.ts";
import { environment } from "./report/environment.ts";

const INTERRUPTED = 130;
const interruption = new AbortController();
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => interruption.abort());
let broken: { readonly error: unknown } | undefined;
// What nobody caught must not leave servers and folders behind either.
process.on("uncaughtException", (error) => {
  broken ??= { error };
  interruption.abort(error);
});

/** Loaded only when it is known that what they import has been built. */
const tools: Record<ToolName, () => Promise<(bench: Bench) => Promise<void>>> = {
  nbd: async () => (await import("./nbd/nbd.ts")).benchNbd,
  copy: async () => (await import("./copy/copy.ts")).benchCopy,
  move: async () => (await import("./move/move.ts")).benchMove,
  s3: async () => (await import("./s3/s3.ts")).benchS3,
  serve: async () => (await import("./serve/serve.ts")).benchServe,
  profile: async () => (await import("./profile/profile.ts")).benchProfile,
};

const run = (options: BenchOptions): Promise<number> =>
  withUndo(async (undo) => {
    await demandBuild(options);
    const tool = await tools[options.tool]();
    const places = await makePlaces(options.folders, undo);
    const { signal } = interruption;
    const bench = new Bench({ options, places, signal, out: process.stdout });
    const facts = environment(places);
    bench.say(`${facts.processors} x ${facts.processor}, Linux ${facts.kernel}, Node ${facts.node}`);
    bench.say(`measured in ${places.map(({ name, folder }) => `${folder} (${name})`).join(" and ")}`);
    bench.say(facts.placement);
    const startedAt = new Date().toISOString();
    try {
      await tool(bench);
      if (options.tool !== "profile") bench.demandWork();
    } finally {
      if (options.json !== undefined) {
        const written = {
          bench: options.tool,
          quick: options.quick,
          startedAt,
          environment: facts,
          ...bench.findings,
        };
        await writeFile(options.json, `${JSON.stringify(written, null, 2)}\n`);
      }
    }
    return bench.failed ? 1 : 0;
  });

try {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) process.stdout.write(usage);
  else process.exitCode = await run(options);
} catch (error) {
  if (interruption.signal.aborted && broken === undefined) {
    process.exitCode = INTERRUPTED;
    process.stderr.write("\ninterrupted; everything is removed\n");
  } else process.exitCode = tellFailure(broken?.error ?? error, { json: false, err: process.stderr });
}
