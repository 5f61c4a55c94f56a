import type { Plugin } from "../contract/plugin.ts";
import type { RawConfiguration } from "./configuration.ts";
import { manifestOf } from "./manifest.ts";
import { importPlugin } from "./module.ts";
import { codedProblem, type Problem, problemOf } from "./problem.ts";

/** The plugins that come with us, by id, each with what imports its module: they need no `plugins:`. */
export type BuiltIns = ReadonlyMap<string, () => Promise<unknown>>;

/** A plugin that this kernel knows. */
export interface Discovered {
  readonly plugin: Plugin;
  /** `built-in`, or how the configuration names it. */
  readonly origin: string;
}

export interface Discovery {
  readonly known: readonly Discovered[];
  readonly problems: readonly Problem[];
}

/** Loads the built-in plugins and those that the configuration names, in no particular order. */
export async function discover(configuration: RawConfiguration, builtIns: BuiltIns): Promise<Discovery> {
  const { source, folder } = configuration;
  const own = [...builtIns].map(async ([id, load]) => ({
    plugin: manifestOf(await load(), id),
    origin: "built-in",
  }));
  const foreign = specifiersIn(configuration).map(async (specifier) => ({
    plugin: manifestOf(await importPlugin(specifier, source, folder), specifier),
    origin: specifier,
  }));
  const ended = await Promise.allSettled([...own, ...foreign]);
  const loaded = ended.flatMap((end) => (end.status === "fulfilled" ? [end.value] : []));
  const failed = ended.flatMap((end) =>
    end.status === "rejected" ? [problemOf("plugins", end.reason)] : [],
  );
  const known = loaded.filter(
    ({ plugin }, index) => loaded.findIndex((other) => other.plugin.id === plugin.id) === index,
  );
  return { known, problems: [...failed, ...duplicatesIn(loaded)] };
}

const specifiersIn = ({ values: { plugins } }: RawConfiguration): readonly string[] =>
  Array.isArray(plugins) ? plugins.filter((specifier) => typeof specifier === "string") : [];

/** Two plugins of one name; two functions of one name. */
export function duplicatesIn(loaded: readonly Discovered[]): readonly Problem[] {
  const firstOf = new Map<string, string>();
  const functionsOf = new Map<string, string>();
  const problems: Problem[] = [];
  for (const { plugin, origin } of loaded) {
    const first = firstOf.get(plugin.id);
    if (first !== undefined) {
      problems.push(
        codedProblem("plugins", "plugin-duplicate", { plugin: plugin.id, first, second: origin }),
      );
      continue;
    }
    firstOf.set(plugin.id, origin);
    for (const { name } of plugin.functions ?? []) {
      const other = functionsOf.get(name);
      if (other !== undefined)
        problems.push(
          codedProblem("plugins", "function-duplicate", { function: name, first: other, second: plugin.id }),
        );
      functionsOf.set(name, plugin.id);
    }
  }
  return problems;
}
