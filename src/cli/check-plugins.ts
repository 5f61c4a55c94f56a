import { loadAlone } from "../conformance/load-alone.ts";
import { type Plugin, z } from "../contract/index.ts";
import { describe, type RegisteredFunction } from "../engine/front-door/describe.ts";
import {
  type BuiltIns,
  codedProblem,
  type Discovered,
  duplicatesIn,
  importPlugin,
  manifestFaults,
  manifestOf,
  type Problem,
  pointName,
  problemOf,
  unknownPoints,
  unmetByOurs,
} from "../kernel/index.ts";

/** What was found out about a plugin without starting it. */
export interface PluginVerdict {
  readonly specifier: string;
  /** Absent where there is no manifest to read it from. */
  readonly id?: string;
  readonly provides: readonly string[];
  readonly functions: readonly string[];
  readonly problems: readonly { readonly code?: string; readonly problem: string }[];
}

export interface CheckOptions {
  readonly builtIns: BuiltIns;
  /** From which specifiers are resolved. */
  readonly folder: string;
}

interface Candidate {
  readonly specifier: string;
  readonly plugin?: Plugin;
  readonly problems: readonly Problem[];
}

/** Loads plugins and checks their manifests whole, each beside those that come with us and those named before it. */
export async function checkPlugins(
  specifiers: readonly string[],
  options: CheckOptions,
): Promise<readonly PluginVerdict[]> {
  const ours = await Promise.all(
    [...options.builtIns].map(async ([id, load]) => ({
      plugin: manifestOf(await load(), id),
      origin: "built-in",
    })),
  );
  const known: Discovered[] = [...ours];
  const verdicts: PluginVerdict[] = [];
  for (const specifier of specifiers) {
    const { plugin, problems } = await load(specifier, options);
    const found = plugin ? [...problems, ...problemsBeside({ plugin, origin: specifier }, known)] : problems;
    if (plugin) known.push({ plugin, origin: specifier });
    verdicts.push({
      specifier,
      ...(plugin && { id: plugin.id }),
      provides: (plugin?.provides ?? []).map(pointName),
      functions: (plugin?.functions ?? []).map(({ name }) => name),
      problems: found.map(({ code, wanted }) => ({ ...(code && { code }), problem: `${wanted}.` })),
    });
  }
  return verdicts;
}

async function load(specifier: string, { folder }: CheckOptions): Promise<Candidate> {
  // What ends, blocks or prints to a process must not do that to this one.
  const { fatal, printed } = await loadAlone(specifier, folder);
  if (fatal !== undefined) return { specifier, problems: [{ key: specifier, wanted: fatal }] };
  const { problems, ...candidate } = await quietly(() => loadHere(specifier, folder));
  return {
    ...candidate,
    problems: [...problems, ...(printed === undefined ? [] : [{ key: specifier, wanted: printed }])],
  };
}

async function loadHere(specifier: string, folder: string): Promise<Candidate> {
  try {
    const module = await importPlugin(specifier, "the command line", folder);
    const faults = manifestFaults(module, specifier);
    if (faults.length > 0) return { specifier, problems: faults.map((fault) => problemOf(specifier, fault)) };
    return { specifier, plugin: manifestOf(module, specifier), problems: [] };
  } catch (error) {
    return { specifier, problems: [problemOf(specifier, error)] };
  }
}

/** What a module prints while it is loaded would stand in this command's answer. */
async function quietly<T>(work: () => Promise<T>): Promise<T> {
  const { write } = process.stdout;
  process.stdout.write = () => true;
  try {
    return await work();
  } finally {
    process.stdout.write = write;
  }
}

const problemsBeside = (candidate: Discovered, known: readonly Discovered[]): readonly Problem[] => {
  const { plugin, origin } = candidate;
  return [
    ...unknownPoints([candidate]),
    ...unmetByOurs(plugin),
    ...duplicatesIn([...known, candidate]).slice(duplicatesIn(known).length),
    ...looseIn(plugin, origin),
    ...functionFaults(plugin, known),
  ];
};

/** A configuration that takes keys which nothing reads. */
function looseIn({ id, config }: Plugin, key: string): readonly Problem[] {
  try {
    const schema = z.toJSONSchema(config, { io: "input", unrepresentable: "any" });
    return isStrict(schema) ? [] : [codedProblem(key, "plugin-config-loose", { plugin: id })];
  } catch {
    return []; // It was made with another version of zod: what it takes can't be seen.
  }
}

interface ObjectSchema {
  readonly additionalProperties?: unknown;
  readonly anyOf?: readonly ObjectSchema[];
  readonly oneOf?: readonly ObjectSchema[];
}

const isStrict = ({ additionalProperties, anyOf, oneOf }: ObjectSchema): boolean =>
  additionalProperties === false || (anyOf ?? oneOf ?? []).some(isStrict);

/** What keeps a plugin's functions from being offered, one by one. */
function functionFaults({ id, functions = [] }: Plugin, known: readonly Discovered[]): readonly Problem[] {
  const offered: RegisteredFunction[] = known.flatMap(({ plugin }) =>
    (plugin.functions ?? []).map((declared) => ({ function: declared, plugin: plugin.id })),
  );
  const names = new Set(offered.map(({ function: { name } }) => name));
  const problems: Problem[] = [];
  for (const declared of functions) {
    if (names.has(declared.name)) continue; // It was told as a duplicate already.
    const one = { function: declared, plugin: id };
    try {
      describe([...offered, one]);
      offered.push(one);
    } catch (error) {
      problems.push(problemOf(declared.name, error));
    }
  }
  return problems;
}
