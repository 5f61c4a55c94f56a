import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Cli } from "./cli.ts";

/** Functions that a person needs where there is no server any more, and nothing that it knew. */
const names: ReadonlySet<string> = new Set(
  ["check", "inspect", "verify", "export", "repair", "accept-loss", "sweep"].map(
    (verb) => `datastores.${verb}`,
  ),
);

export const worksWithoutServer = (name: string): boolean => names.has(name);

export const withoutServerHelp =
  "ask no server: use the datastores of this configuration file, and nothing else of it";

/**
 * Has a server of this command's own do it, of which nothing is left afterwards. It knows the datastores that the file
 * names, and no disk: no catalog is read, and none is written that would be missed.
 */
export async function withoutServer(
  configPath: string,
  cli: Cli,
  work: (cli: Cli) => Promise<void>,
): Promise<void> {
  const { host } = cli;
  const dataDir = await mkdtemp(join(tmpdir(), "pagurus-"));
  try {
    const { serve } = await import("./serve.ts");
    const { url, tokenFile, stop } = await serve({
      ...{ dataDir, configPath: resolve(configPath), listen: "127.0.0.1:0" },
      ...{ env: host.env, version: host.version, sections: ["plugins", "datastores"] },
    });
    try {
      const token = (await readFile(tokenFile, "utf8")).trim();
      const engine = await host.connect({ url, token });
      await work({ ...cli, engine: async () => engine });
    } finally {
      await stop();
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}
