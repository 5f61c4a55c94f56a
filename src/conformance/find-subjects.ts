import type { JsonObject } from "../contract/index.ts";
import type { ConformOptions } from "./conformance.ts";
import { hasFeatures, knownPoints } from "./kit.ts";
import { type Mishap, mishap } from "./phases.ts";
import { ownPlugins } from "./plugin-under-test.ts";
import type { Loaded } from "./protocol.ts";
import type { RunFacts } from "./run-subject.ts";
import { requestIn, type Subject } from "./subject.ts";
import { SubjectChild } from "./subject-child.ts";

/** A plugin whose module was loaded in a process of its own, or why it could not be. */
export type LoadedPlugin =
  | { readonly loaded: Loaded; readonly child: SubjectChild }
  | { readonly mishap: Mishap };

/** Loads a plugin where it harms nobody. */
export const loadApart = async (specifier: string, folder: string, run: RunFacts): Promise<LoadedPlugin> => {
  const child = new SubjectChild(run);
  const request = requestIn(run.folder, { plugin: specifier, config: {}, cwd: folder });
  const outcome = await child.ask({ do: "load", request });
  if ("loaded" in outcome) return { loaded: outcome.loaded, child };
  await child.kill();
  return { mishap: { ...outcome.mishap, tookMs: child.took("load") } };
};

/** Those of the points that are wanted and have features; the mishap says why there is none. */
export const pointsToRun = (
  { id, points }: Loaded,
  wanted: string | undefined,
): { readonly points: readonly string[]; readonly mishap?: Mishap } => {
  const found = points.filter((point) => hasFeatures(point) && (wanted ?? point) === point);
  if (found.length > 0) return { points: found };
  const provided = points.join(", ") || "no extension point";
  const missing =
    wanted === undefined ? `has features for ${knownPoints().join(", ")}` : `was asked for ${wanted}`;
  return {
    points: [],
    mishap: mishap("load", `${id} provides ${provided}; this kit ${missing}`),
  };
};

/** A subject for each point of each plugin that is named, with the configuration that all of them share. */
export async function* subjectsNamed(options: ConformOptions, run: RunFacts): AsyncGenerator<Subject> {
  const { plugins = [], cwd = process.cwd(), point } = options;
  for (const specifier of plugins) {
    const config: JsonObject =
      options.config ?? (Object.hasOwn(ownPlugins, specifier) ? (ownPlugins[specifier] ?? {}) : {});
    const request = { plugin: specifier, config, cwd };
    const failed = { name: specifier, specifier, plugin: specifier, point: "", request };
    const outcome = await loadApart(specifier, cwd, run);
    if ("mishap" in outcome) {
      yield { ...failed, mishap: outcome.mishap };
      continue;
    }
    const { loaded, child } = outcome;
    const { points, mishap: nothing } = pointsToRun(loaded, point);
    if (nothing) yield { ...failed, name: loaded.id, plugin: loaded.id, child, mishap: nothing };
    for (const [index, name] of points.entries())
      yield {
        name: loaded.id,
        specifier,
        plugin: loaded.id,
        point: name,
        request,
        // Each subject has a process of its own.
        ...(index === 0 ? { child } : {}),
      };
  }
}
