import { once } from "node:events";
import { resolve } from "node:path";
import type { Command } from "commander";
import { CodedError } from "../contract/index.ts";
import { dataDirOf } from "../kernel/index.ts";
import type { Cli } from "./cli.ts";
import type { RunningServer } from "./serve.ts";
import type { ServeOptions } from "./serve-options.ts";

/** How long everything may take to end after the first signal. */
const STOP_TIMEOUT_MS = 30_000;

export const addServeCommand = (program: Command, cli: Cli): void => {
  program
    .command("serve")
    .summary("start a server on this machine")
    .description(
      "Start a server: HTTP for people and programs, NBD for guests. Ctrl-C stops it; a second one at once",
    )
    .option("--config <file>", "configuration file, pagurus.yaml (or PAGURUS_CONFIG)")
    .option(
      "--listen <host:port>",
      "address of HTTP, port 0 for any free one (or PAGURUS_LISTEN; default 127.0.0.1:7040)",
    )
    .option("--nbd <host:port>", "serve NBD over TCP there too, besides the unix sockets")
    .addHelpText(
      "after",
      "\nExamples:\n  pagurus serve\n  pagurus serve --data /var/lib/pagurus --config pagurus.yaml --nbd 127.0.0.1:10809",
    )
    .action((flags: ServeFlags) => serveUntilStopped(optionsOf(flags, cli), cli));
};

interface ServeFlags {
  readonly config?: string;
  readonly listen?: string;
  readonly nbd?: string;
}

const optionsOf = ({ config, listen, nbd }: ServeFlags, { host, options }: Cli): ServeOptions => ({
  dataDir: dataDirOf(host.env, options.data),
  ...(config !== undefined && { configPath: resolve(config) }),
  ...(listen !== undefined && { listen }),
  ...(nbd !== undefined && { nbd }),
  env: host.env,
  version: host.version,
});

const serveUntilStopped = async (options: ServeOptions, { host }: Cli): Promise<void> => {
  const { serve } = await import("./serve.ts");
  const server = await serve(options);
  host.out.write(`ready ${server.url} token ${server.tokenFile}\n`);
  if (!host.signal.aborted) await once(host.signal, "abort");
  await stopInTime(server, host.clock);
};

const stopInTime = async (server: RunningServer, clock: Cli["host"]["clock"]): Promise<void> => {
  let cancel = () => {};
  const late = new Promise<never>((_, reject) => {
    cancel = clock.after(STOP_TIMEOUT_MS, () =>
      reject(
        new CodedError("deadline-exceeded", {
          operation: "Stopping the server",
          timeoutMs: STOP_TIMEOUT_MS,
        }),
      ),
    );
  });
  try {
    await Promise.race([server.stop(), late]);
  } finally {
    cancel();
  }
};
