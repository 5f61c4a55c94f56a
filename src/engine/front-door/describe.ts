import {
  CodedError,
  type FunctionDescription,
  type PluginFunction,
  reasonOf,
  z,
} from "../../contract/index.ts";

export interface RegisteredFunction {
  readonly function: PluginFunction;
  /** The id of the plugin. */
  readonly plugin: string;
}

/** Routes that are the edge's own. */
const RESERVED = new Set(["GET /v1/events", "POST /v1/functions/{}"]);

/** The names in `{braces}`, in order. */
export const pathParametersOf = (path: string): readonly string[] =>
  [...path.matchAll(/\{([^}]*)\}/g)].map(([, name = ""]) => name);

/**
 * The functions as data. Pure: help, completion and OpenAPI need no started kernel. Refuses a schema that JSON
 * Schema cannot express (`schema-inexpressible`) and what the doors could not tell apart (`function-invalid`).
 */
export const describe = (functions: readonly RegisteredFunction[]): readonly FunctionDescription[] => {
  const taken = new Map<string, string>(Array.from(RESERVED, (route) => [route, "the server itself"]));
  return functions.map(({ function: declared, plugin }) => {
    const description = descriptionOf(declared, plugin);
    const { name, http } = description;
    const refuse = (problem: string) => {
      throw new CodedError("function-invalid", { function: name, plugin, problem });
    };
    const keys = [name];
    if (http !== undefined) {
      keys.push(`${http.method} ${http.path.replace(/\{[^}]*\}/g, "{}")}`);
      if (!/^\/v1(\/([a-z0-9-]+|\{[A-Za-z_]\w*\}))+$/.test(http.path))
        refuse(`its path ${http.path} is not below /v1`);
      const fields = Object.keys(propertiesOf(description.input));
      for (const parameter of pathParametersOf(http.path))
        if (!fields.includes(parameter))
          refuse(`its path names {${parameter}}, which is no field of its input`);
    }
    for (const key of keys) {
      const other = taken.get(key);
      if (other !== undefined) refuse(`${key} is taken by ${other}`);
      taken.set(key, `${name} of plugin ${plugin}`);
    }
    return description;
  });
};

const descriptionOf = (declared: PluginFunction, plugin: string): FunctionDescription => {
  const { name, summary, description, kind, effect, permissions, creates = false, http, cli } = declared;
  return {
    name,
    summary,
    ...(description !== undefined && { description }),
    kind,
    effect,
    ...(permissions && { permissions }),
    creates,
    plugin,
    ...(http && { http }),
    ...(cli && { cli }),
    input: schemaOf(declared, "input"),
    output: schemaOf(declared, "output"),
  };
};

const schemaOf = (declared: PluginFunction, part: "input" | "output"): Record<string, unknown> => {
  try {
    const { $schema: _, ...schema } = z.toJSONSchema(declared[part], { io: part });
    return schema;
  } catch (cause) {
    const data = { function: declared.name, part, reason: reasonOf(cause) };
    throw new CodedError("schema-inexpressible", data, { cause });
  }
};

const propertiesOf = ({ properties }: { readonly properties?: unknown }): object =>
  typeof properties === "object" && properties !== null ? properties : {};
