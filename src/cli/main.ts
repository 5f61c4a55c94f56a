import { createRequire } from "node:module";
import { text } from "node:stream/consumers";
import { systemClock } from "../engine/system-clock.ts";
import type { CliHost } from "./host.ts";
import { run } from "./run.ts";

const { version } = createRequire(import.meta.url)("pagurus/package.json") as { version: string };

const interruption = new AbortController();
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)
  process.on(signal, () => {
    if (interruption.signal.aborted) process.exit(code);
    interruption.abort();
  });

// A reader that went away, such as `head`, ends the output and is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

const host: CliHost = {
  version,
  env: process.env,
  out: process.stdout,
  err: process.stderr,
  clock: systemClock,
  signal: interruption.signal,
  readInput: () => text(process.stdin),
  connect: async (server) => (await import("../engine/remote/index.ts")).connectEngine(server),
  builtIn: async () => (await import("../engine/index.ts")).builtInDescriptions(),
};

const code = await run(process.argv.slice(2), host);
process.stdout.write("", () => process.exit(code));
