import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { JsonObject } from "../contract/json.ts";
import { loadPlugin, ownPlugins } from "./plugin-under-test.ts";
import { runFeatures } from "./run-features.ts";
import { type Counts, countsText, type ScenarioResult } from "./tally.ts";

export { type EarlierSchema, earlierSchemas, newestVersion } from "../catalog/index.ts";
export {
  type DatastoreTask,
  type DatastoreTaskAnswer,
  markedBytes,
  marksOf,
  type TaskMark,
} from "./datastore-tasks.ts";
export { openTables } from "./engine-tables.ts";
export { planeOf, tokenOf } from "./kit.ts";
export { type DoomedMoveServer, startDoomedMoveServer } from "./moves/doomed-server.ts";
export { type RehearsalOptions, RehearsedMove } from "./moves/rehearsed-move.ts";
export { MOVE_STORES, openMoveServer } from "./moves/server.ts";
export {
  type CatalogAnswer,
  type CatalogTask,
  type OtherCatalog,
  startOtherCatalog,
} from "./other-catalog.ts";
export { signaturesElsewhere } from "./other-hash.ts";
export type { OtherProcess } from "./other-process.ts";
export { OtherProcesses } from "./other-processes.ts";
export { openPlugin, type PluginRequest, type PluginUnderTest } from "./plugin-under-test.ts";
export { type PowerCut, PowerTrace, straceCommand } from "./power-cut/power-trace.ts";

export interface ConformOptions {
  /** A built-in plugin's id, a package, or a path; the latter two from `cwd`. */
  readonly plugin: string;
  /** The plugin's configuration; `{tmp}` in its texts becomes a fresh folder for each scenario. */
  readonly config?: JsonObject;
  /** One extension point of those that the plugin provides, such as `datastore`; all of them where absent. */
  readonly point?: string;
  /** A tag expression that narrows the scenarios. */
  readonly tags?: string;
  /** Repeats the random parts of an earlier run, which printed it. */
  readonly seed?: number;
  readonly cwd?: string;
  readonly stdout?: Writable;
}

export interface Conformance extends Counts {
  /** Every scenario that applies to the plugin passed, and there was one. */
  readonly ok: boolean;
  readonly results: readonly ScenarioResult[];
}

const here = dirname(fileURLToPath(import.meta.url));
const fromSources = import.meta.url.endsWith(".ts");
const packageRoot = join(here, fromSources ? "../.." : "../../..");
const steps = join(here, "../../step-definitions/conformance", fromSources ? "*.ts" : "*.js");
const featuresOf = (point: string): string => join(packageRoot, "features/conformance", point);

/** `datastore` of the token `pagurus/datastore@1`. */
const nameOf = (point: unknown): string =>
  /^pagurus\/(.+)@\d+$/.exec(typeof point === "symbol" ? (Symbol.keyFor(point) ?? "") : "")?.[1] ?? "";

/** How many of the scenarios ran, and what the others need that the plugin doesn't have. */
const coverageText = (plugin: string, results: readonly ScenarioResult[]): string => {
  const countByReason = new Map<string, number>();
  for (const { verdict, logs } of results)
    if (verdict === "skipped")
      for (const log of logs) countByReason.set(log, (countByReason.get(log) ?? 0) + 1);
  const ran = results.filter(({ verdict }) => verdict !== "skipped").length;
  const rest = [...countByReason].map(([reason, count]) => `; ${count}: ${reason}`).join("");
  return `${plugin}: ${ran} of ${results.length} scenarios${rest}\n`;
};

/**
 * Runs the features of every extension point that a plugin provides against it, once per process: the features and
 * steps that this package ships, and no others. Prints what failed and the coverage.
 */
export const conform = async (options: ConformOptions): Promise<Conformance> => {
  const { plugin: specifier, cwd = process.cwd(), stdout = process.stdout } = options;
  const plugin = await loadPlugin({ plugin: specifier, cwd });
  const points = (plugin.provides ?? []).map(nameOf).filter((name) => existsSync(featuresOf(name)));
  const wanted = options.point === undefined ? points : points.filter((name) => name === options.point);
  const worldParameters = {
    plugin: specifier,
    config: options.config ?? ownPlugins[specifier] ?? {},
    cwd,
    seed: options.seed ?? Math.floor(Math.random() * 2 ** 31),
    point: wanted[0] ?? "",
    effort: 1,
    prefix: "conform",
    folder: tmpdir(),
  };
  const { ok, results, ...counts } = await runFeatures({
    file: false,
    provided: {
      paths: wanted.map((point) => join(featuresOf(point), "*.feature")),
      import: [steps],
      format: ["progress"],
      worldParameters,
      ...(options.tags === undefined ? {} : { tags: options.tags }),
    },
    cwd,
    stdout,
  });
  stdout.write(`${coverageText(plugin.id, results)}seed ${worldParameters.seed}\n${countsText(counts)}\n`);
  return { ...counts, ok: ok && wanted.length > 0, results };
};
