import { z } from "zod";
import type { Json, JsonObject } from "../contract/json.ts";
import type { Plugin } from "../contract/plugin.ts";
import { points } from "../contract/points/index.ts";
import type { RawConfiguration } from "./configuration.ts";
import type { Discovered } from "./discover.ts";
import { nearMiss } from "./near-miss.ts";
import { pointName } from "./planes.ts";
import type { Problem } from "./problem.ts";
import { readPart } from "./schema.ts";

/** One configured instance of a plugin. */
export interface Instance {
  /** Unique among all: `datastores.fast`. */
  readonly key: string;
  /** Its name in its section. */
  readonly id: string;
  readonly plugin: Plugin;
  readonly config: unknown;
  /** Whether the rest may live when it fails to start. */
  readonly optional: boolean;
}

export interface Instances {
  readonly instances: readonly Instance[];
  readonly problems: readonly Problem[];
}

/** The section that holds the one instance of each plugin that has no section of its own. */
export const SETTINGS = "settings";
/** The only section that is an instance, and not a map of them. */
const SINGLE = "catalog";

const Entry = z.looseObject({
  plugin: z.string().describe("id of a plugin"),
  optional: z.boolean().default(false).describe("whether the server starts without it if it fails"),
});

export const sections: ReadonlySet<string> = new Set(
  [...points.values()].flatMap(({ section }) => section ?? []),
);
const sectionsOf = ({ provides = [] }: Plugin): readonly string[] =>
  provides.flatMap((point) => points.get(point)?.section ?? []);
/** Whether the plugin has exactly one instance, named like itself. */
const isSingle = (plugin: Plugin): boolean => sectionsOf(plugin).length === 0;

const asMap = (value: Json | undefined): JsonObject | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;

/** The instances that the configuration asks for, each with its configuration read by its plugin's schema. */
export function instancesOf(configuration: RawConfiguration, known: readonly Discovered[]): Instances {
  const plugins = known.map(({ plugin }) => plugin);
  const results = [
    ...[...sections].flatMap((section) => sectionInstances(section, configuration, plugins)),
    ...singleInstances(configuration, plugins),
  ];
  return {
    instances: results.flatMap((result) => ("problems" in result ? [] : [result])),
    problems: results.flatMap((result) => ("problems" in result ? result.problems : [])),
  };
}

type Result = Instance | { readonly problems: readonly Problem[] };
const wrong = (problem: Problem): Result => ({ problems: [problem] });

function sectionInstances(
  section: string,
  configuration: RawConfiguration,
  plugins: readonly Plugin[],
): readonly Result[] {
  const value = configuration.values[section];
  if (section === SINGLE)
    return [entryInstance({ section, key: section, id: section, value }, configuration, plugins)];
  const entries = asMap(value);
  if (!entries)
    return [wrong({ key: section, wanted: "expected a map of instances, id to `{ plugin: … }`" })];
  return Object.entries(entries).map(([id, entry]) =>
    entryInstance({ section, key: `${section}.${id}`, id, value: entry }, configuration, plugins),
  );
}

interface Place {
  readonly section: string;
  readonly key: string;
  readonly id: string;
  readonly value: Json | undefined;
}

function entryInstance(place: Place, configuration: RawConfiguration, plugins: readonly Plugin[]): Result {
  const { section, key, id, value = null } = place;
  const entry = readPart({ key, value, schema: Entry }, configuration);
  if ("problems" in entry) return entry;
  const { plugin: name, optional, ...config } = entry.value;
  const plugin = plugins.find((candidate) => candidate.id === name);
  const fitting = plugins.filter((candidate) => sectionsOf(candidate).includes(section)).map((fit) => fit.id);
  if (!plugin) return wrong(unknownPlugin(`${key}.plugin`, name, fitting));
  if (!fitting.includes(name))
    return wrong({
      key: `${key}.plugin`,
      found: `\`${name}\`, which provides ${plugin.provides?.map(pointName).join(", ") || "nothing"}`,
      wanted: `one of ${fitting.join(", ")}`,
    });
  const read = readPart({ key, value: config as JsonObject, schema: plugin.config }, configuration);
  return "problems" in read ? read : { key, id, plugin, config: read.value, optional };
}

function unknownPlugin(key: string, name: string, known: readonly string[]): Problem {
  const meant = nearMiss(name, known);
  return {
    key,
    found: `\`${name}\``,
    wanted: `a plugin that is known here: ${known.join(", ") || "none"}`,
    ...(meant ? { nearMiss: meant } : {}),
  };
}

function singleInstances(configuration: RawConfiguration, plugins: readonly Plugin[]): readonly Result[] {
  const { disabled } = configuration.values;
  const off = Array.isArray(disabled) ? disabled : [];
  const singles = plugins.filter(isSingle);
  const settings = asMap(configuration.values[SETTINGS]) ?? {};
  const ids = singles.map(({ id }) => id);
  const stray = [
    ...Object.keys(settings).map((id) => ({ id, key: `${SETTINGS}.${id}` })),
    ...off.map((id: Json, index) => ({ id: String(id), key: `disabled.${index}` })),
  ].filter(({ id }) => !ids.includes(id));
  const live = singles.filter(({ id }) => !off.includes(id));
  return [
    ...stray.map(({ id, key }) => wrong(unknownPlugin(key, id, ids))),
    ...live.map((plugin): Result => {
      const key = `${SETTINGS}.${plugin.id}`;
      const value = settings[plugin.id] ?? {};
      const read = readPart({ key, value, schema: plugin.config }, configuration);
      if ("problems" in read) return read;
      return { key, id: plugin.id, plugin, config: read.value, optional: false };
    }),
  ];
}
