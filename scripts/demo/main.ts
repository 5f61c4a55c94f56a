/** `npm run demo`: a disk moves live from a local datastore to another one while a client writes to it. */

import { tellFailure } from "../../src/cli/failure.ts";
import { createProgressLine, createProgressText } from "../../src/cli/progress-line.ts";
import { systemClock } from "../../src/engine/system-clock.ts";
import { accountOf, lineOf } from "./account.ts";
import { bucketHome, type Home, localHome } from "./home.ts";
import { lookAround } from "./look-around.ts";
import { type DemoOptions, readOptions, usage } from "./options.ts";
import { type Playground, startPlayground } from "./playground.ts";
import { playStory, type Story } from "./story.ts";

const INTERRUPTED = 130;
const interruption = new AbortController();
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => interruption.abort());

const play = async (options: DemoOptions, home: Home, playground: Playground): Promise<Story> => {
  const out = options.json ? process.stderr : process.stdout;
  const line = createProgressLine(out, systemClock);
  const tell = (subject: string, text: string) => out.write(lineOf(subject, text));
  out.write("\nPagurus moves a disk to another home while it is being written to.\n\n");
  tell("server", `${playground.url}, with its folders in ${playground.folder}`);
  tell("datastores", `fast, which is the folder fast there, and archive: ${home.description}`);
  try {
    return await playStory({
      playground,
      home,
      client: options.client,
      signal: interruption.signal,
      tell,
      progressOf(job) {
        const textOf = createProgressText(job);
        return (progress) => line.show(lineOf("", textOf(progress)).trimEnd());
      },
    });
  } finally {
    line.end();
  }
};

const run = async (args: readonly string[]): Promise<number> => {
  const options = readOptions(args);
  if (options.help) {
    process.stdout.write(usage);
    return 0;
  }
  const startedMs = systemClock.monotonicMs();
  await using home = options.to === "minio" ? await bucketHome() : localHome();
  const playground = await startPlayground((folder) => home.configure(folder), interruption.signal);
  let kept = false;
  try {
    const story = await play(options, home, playground);
    const ok = story.proofs.every(({ holds }) => holds);
    kept = options.keep;
    if (options.json)
      process.stdout.write(`${JSON.stringify(jsonOf(options, story, playground), null, 2)}\n`);
    else process.stdout.write(accountOf(story));
    if (options.keep && !options.json) process.stdout.write(lookAround(playground, story.after));
    if (!options.json) {
      const seconds = Math.round((systemClock.monotonicMs() - startedMs) / 1000);
      process.stdout.write(`\n${ok ? "All proofs hold" : "Not all proofs hold"}, after ${seconds} s.\n`);
    }
    return ok ? 0 : 1;
  } finally {
    if (kept) playground.leave();
    else await playground.remove();
  }
};

const jsonOf = (
  { client, keep }: DemoOptions,
  { move: _, ...story }: Story,
  { url, dataDir, pid }: Playground,
) => ({
  ok: story.proofs.every(({ holds }) => holds),
  client,
  ...story,
  ...(keep && { server: { url, dataDir, pid } }),
});

const json = process.argv.includes("--json");
try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  process.exitCode = interruption.signal.aborted
    ? INTERRUPTED
    : tellFailure(error, { json, err: process.stderr });
  if (interruption.signal.aborted) process.stderr.write("\ninterrupted; everything is removed\n");
}
