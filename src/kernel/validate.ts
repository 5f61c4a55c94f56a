import { z } from "zod";
import type { Json } from "../contract/json.ts";
import type { RawConfiguration } from "./configuration.ts";
import { type BuiltIns, type Discovered, discover } from "./discover.ts";
import { type Instance, instancesOf, SETTINGS, sections } from "./instances.ts";
import { inOrder, type Ordered } from "./order.ts";
import { configInvalid, type Problem, problemOf } from "./problem.ts";
import { unknownPoints, unmetRequirements } from "./requirements.ts";
import { readPart, unknownKey } from "./schema.ts";
import { ServerConfiguration } from "./server.ts";

/** A configuration with nothing wrong in it, as far as can be told without starting anything. */
export interface CheckedConfiguration {
  readonly server: ServerConfiguration;
  readonly known: readonly Discovered[];
  /** In start order. */
  readonly ordered: readonly Ordered[];
}

/** The sections that aren't instances of a point. */
const general = {
  plugins: z.array(z.string()).describe("paths and package names of further plugins"),
  disabled: z.array(z.string()).describe("ids of plugins that are not used"),
  [SETTINGS]: z.record(z.string(), z.looseObject({})).describe("plugin id to its configuration"),
} as const;

/**
 * Loads the plugins and checks the configuration whole, for both planes: everything but registering and starting.
 * `config-invalid` names all problems at once. `services` are tokens that the caller binds besides the host services.
 */
export async function checkConfiguration(
  configuration: RawConfiguration,
  builtIns: BuiltIns,
  services: ReadonlySet<symbol> = new Set(),
): Promise<CheckedConfiguration> {
  const { known, problems: undiscovered } = await discover(configuration, builtIns);
  const { values, source } = configuration;
  const { server: section = {} } = values;
  const server = readPart({ key: "server", value: section, schema: ServerConfiguration }, configuration);
  const { instances, problems: misconfigured } = instancesOf(configuration, known);
  const { ordered, problems: disordered } = orderOf(instances);
  const problems = [
    ...configuration.problems,
    ...strayIn(configuration),
    ...("problems" in server ? server.problems : []),
    ...undiscovered,
    ...unknownPoints(known),
    ...misconfigured,
    ...(misconfigured.length === 0 ? unmetRequirements(instances, services) : []),
    ...disordered,
  ];
  if ("problems" in server || problems.length > 0) throw configInvalid(source, problems);
  return { server: server.value, known, ordered };
}

function orderOf(instances: readonly Instance[]) {
  try {
    return { ordered: inOrder(instances), problems: [] };
  } catch (error) {
    return { ordered: [], problems: [problemOf("plugins", error)] };
  }
}

/** Sections that nobody reads, and general ones of the wrong shape. */
function strayIn(configuration: RawConfiguration): readonly Problem[] {
  const known = ["server", ...Object.keys(general), ...sections];
  return Object.entries(configuration.values).flatMap(([name, value]: [string, Json]) => {
    if (!known.includes(name)) return [unknownKey(name, name, known)];
    const schema = Object.entries(general).find(([section]) => section === name)?.[1];
    if (!schema) return [];
    const read = readPart<z.ZodType>({ key: name, value, schema }, configuration);
    return "problems" in read ? read.problems : [];
  });
}
