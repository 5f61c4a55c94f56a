/** `pagurus serve DATA-DIR [CONFIG] [POINT]` for tests: it can be told to end itself at a crash point. */
import { serve } from "../cli/serve.ts";
import { createEngine, loadConfiguration } from "../engine/index.ts";
import type { Order, Said } from "./doomed-server.ts";

const [dataDir = "", configPath = "", killAt = ""] = process.argv.slice(2);
let doom = killAt;
const say = (said: Said) => process.send?.(said);
process.on("message", (order: Order) => {
  doom = order.killAt;
  say("armed");
});

// Whoever started it is gone.
process.on("disconnect", () => process.exit(1));

const probe = (point: string): Promise<void> | undefined => {
  if (point !== doom) return;
  process.kill(process.pid, "SIGKILL");
  // Nothing more is done in the moment that the signal takes.
  return new Promise(() => undefined);
};

const version = "0.0.0-test";
const server = await serve(
  { dataDir, listen: "127.0.0.1:0", env: {}, version, ...(configPath !== "" && { configPath }) },
  {
    async openEngine({ listen }) {
      const path = configPath === "" ? undefined : configPath;
      const flags = listen === undefined ? {} : { listen };
      const configuration = await loadConfiguration({ path, dataDir, env: {}, flags });
      return createEngine({ configuration, version, probe, logLevel: "warn" });
    },
  },
);
process.once("SIGTERM", () => {
  server.stop().then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
});
say({ ready: { url: server.url, tokenFile: server.tokenFile } });
