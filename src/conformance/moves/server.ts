import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "../../contract/index.ts";
import type { Probe } from "../../engine/index.ts";
import { loadPlugin, ownPlugins, type PluginRequest } from "../plugin-under-test.ts";

/** The datastores of a server for moves; disks begin in the first. */
export const MOVE_STORES = ["here", "there"] as const;

/**
 * A whole server with the plugin under test, without its HTTP door: what an earlier one over the same folder has left
 * is made whole before it resolves.
 */
export async function openMoveServer(request: PluginRequest, probe?: Probe): Promise<Engine> {
  const { plugin, config, cwd, dataDir } = request;
  const { id } = await loadPlugin(request);
  const roots = MOVE_STORES.map((store) => [store, join(dataDir, store)] as const);
  for (const [, root] of roots) await mkdir(root, { recursive: true, mode: 0o700 });
  // Loaded here alone: no other point's features need a whole server.
  const { createEngine } = await import("../../engine/index.ts");
  const { engine } = await createEngine({
    configuration: {
      ...{ source: "the conformance kit", folder: cwd, dataDir, origins: {}, secrets: [], problems: [] },
      values: {
        plugins: Object.hasOwn(ownPlugins, plugin) ? [] : [plugin],
        // In this thread: who is killed is the process.
        server: { diskThreads: 0 },
        settings: { [id]: config },
        catalog: { plugin: "catalog-sqlite" },
        datastores: Object.fromEntries(
          roots.map(([store, root]) => [store, { plugin: "datastore-local", root }]),
        ),
        exports: { nbd: { plugin: "export-nbd" } },
        sinks: {},
        hashes: {},
      },
    },
    version: "0.0.0-conformance",
    logLevel: "silent",
    ...(probe && { probe }),
  });
  return engine;
}
