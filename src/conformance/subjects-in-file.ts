import { CodedError, type Json, type JsonObject } from "../contract/index.ts";
import { builtIns } from "../engine/built-ins.ts";
import { dataDirOf, loadConfiguration, type RawConfiguration } from "../kernel/index.ts";
import type { ConformOptions } from "./conformance.ts";
import { type LoadedPlugin, loadApart, pointsToRun } from "./find-subjects.ts";
import { FUNCTION_POINT, knownPoints, sectionOf } from "./kit.ts";
import { mishap } from "./phases.ts";
import type { RunFacts } from "./run-subject.ts";
import type { Subject } from "./subject.ts";

const asObject = (value: Json | undefined): JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};

interface Instance {
  readonly name: string;
  readonly point: string;
  readonly id: string;
  readonly entry: JsonObject;
}

/** What the file itself configures; the defaults of absent sections are nobody's choice. */
const instancesIn = ({ values, origins }: RawConfiguration): readonly Instance[] =>
  knownPoints().flatMap((point) => {
    const section = sectionOf(point);
    if (section === undefined || origins[section] !== "file") return [];
    if (section === "catalog")
      return [{ name: section, point, id: section, entry: asObject(values[section]) }];
    return Object.entries(asObject(values[section])).map(([id, entry]) => ({
      name: `${section}.${id}`,
      point,
      id,
      entry: asObject(entry),
    }));
  });

/** A subject for each instance that a `pagurus.yaml` configures, and for what the plugins that it names are besides. */
export async function* subjectsInFile(path: string, options: ConformOptions, run: RunFacts) {
  const file = await loadConfiguration({ path, dataDir: dataDirOf(process.env), env: process.env });
  const [problem] = file.problems;
  if (problem)
    throw new CodedError("config-unreadable", { path, reason: `\`${problem.key}\`: ${problem.wanted}` });
  const foreign = await loadForeign(file, run);
  try {
    for (const subject of [...configured(file, foreign), ...unconfigured(file, foreign)])
      if (isWanted(subject, options)) yield subject;
  } finally {
    for (const plugin of foreign.values()) if ("child" in plugin) await plugin.child.kill();
  }
}

const isWanted = ({ specifier, plugin, point, mishap: broken }: Subject, options: ConformOptions): boolean =>
  (options.plugins === undefined ||
    options.plugins.length === 0 ||
    options.plugins.some((name) => name === specifier || name === plugin)) &&
  (broken !== undefined || options.point === undefined || options.point === point);

const loadForeign = async (
  { values, folder }: RawConfiguration,
  run: RunFacts,
): Promise<ReadonlyMap<string, LoadedPlugin>> => {
  const { plugins = [] } = values;
  const specifiers = Array.isArray(plugins) ? plugins.map(String) : [];
  const loaded = specifiers.map(
    async (specifier): Promise<[string, LoadedPlugin]> => [
      specifier,
      await loadApart(specifier, folder, run),
    ],
  );
  return new Map(await Promise.all(loaded));
};

const requestOf = (specifier: string, config: JsonObject, { folder, secrets }: RawConfiguration) => ({
  plugin: specifier,
  config,
  cwd: folder,
  secrets,
});

/** The instances of the sections. */
const configured = (file: RawConfiguration, foreign: ReadonlyMap<string, LoadedPlugin>): readonly Subject[] =>
  instancesIn(file).map(({ name, point, id, entry }) => {
    const { plugin: named, optional: _, ...config } = entry;
    const plugin = String(named);
    const specifier = builtIns.has(plugin)
      ? plugin
      : [...foreign].find(([, found]) => "loaded" in found && found.loaded.id === plugin)?.[0];
    const subject = { name, plugin, specifier: specifier ?? plugin, point };
    const request = { ...requestOf(specifier ?? plugin, config, file), id };
    if (specifier !== undefined) return { ...subject, request };
    const known = [...foreign.values()].flatMap((found) => ("loaded" in found ? [found.loaded.id] : []));
    const problem = `${name} names the plugin ${plugin}; built in are ${[...builtIns.keys()].join(", ")}, and \`plugins\` names ${known.join(", ") || "none that could be loaded"}`;
    return { ...subject, point: "", request, mishap: mishap("load", problem) };
  });

/** What could not be loaded, and of the others what has no section of its own: strategies and functions. */
const unconfigured = (
  file: RawConfiguration,
  foreign: ReadonlyMap<string, LoadedPlugin>,
): readonly Subject[] =>
  [...foreign].flatMap(([specifier, found]): readonly Subject[] => {
    if ("mishap" in found) {
      const request = requestOf(specifier, {}, file);
      return [{ name: specifier, specifier, plugin: specifier, point: "", request, mishap: found.mishap }];
    }
    const { id } = found.loaded;
    const config = asObject(asObject(file.values["settings"])[id]);
    const request = requestOf(specifier, config, file);
    return pointsToRun(found.loaded, undefined)
      .points.filter((point) => point === FUNCTION_POINT || sectionOf(point) === undefined)
      .map((point) => ({ name: id, plugin: id, specifier, point, request }));
  });
