import type { Engine } from "../contract/index.ts";
import { loadConfiguration, type ServerConfiguration } from "../kernel/index.ts";
import type { Codebook } from "../observations/index.ts";
import type { ServeOptions } from "./serve-options.ts";

/** A started engine, and what its configuration says about the HTTP door before it. */
export interface OpenedEngine {
  readonly engine: Engine;
  readonly server: ServerConfiguration;
  /** With the plugins' own codes and the configuration's secrets. */
  readonly codebook: Codebook;
}

/** Starts the engine over a data directory; the only place that knows how. Reads file and environment once. */
export const openEngine = async (options: ServeOptions): Promise<OpenedEngine> => {
  const { dataDir, configPath, listen, nbd, sections, env } = options;
  const configuration = await loadConfiguration({
    path: configPath,
    dataDir,
    sections,
    env,
    flags: { ...(listen !== undefined && { listen }), ...(nbd !== undefined && { nbd }) },
  });
  const { createEngine } = await import("../engine/index.ts");
  return createEngine({ configuration, version: options.version });
};
