import type { Engine } from "../contract/index.ts";
import type { ServeOptions } from "./serve.ts";

/** Starts the engine that `serve` serves; the only place that knows how. */
export const openEngine = async ({ dataDir, configPath, nbd }: ServeOptions): Promise<Engine> => {
  const { createEngine } = await import("../engine/index.ts");
  return createEngine({
    dataDir,
    ...(configPath !== undefined && { configPath }),
    flags: { ...(nbd !== undefined && { nbd }) },
  });
};
