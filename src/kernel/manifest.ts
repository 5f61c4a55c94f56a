import { z } from "zod";
import { CodedError } from "../contract/errors.ts";
import { API_VERSION, type Plugin } from "../contract/plugin.ts";

const token = z.custom((value) => typeof value === "symbol", "expected an extension point");
const callable = z.custom((value) => typeof value === "function", "expected a function");
const schema = z.custom(
  (value) => typeof value === "object" && value !== null && "safeParse" in value,
  "expected a schema made with `z`",
);
const kinds = ["bad-input", "not-found", "conflict", "unavailable", "cancelled", "internal"] as const;

/** The shape of a plugin's default export, as far as it can be seen without running it. */
const Manifest = z.looseObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, "expected lower-case letters, digits and `-`"),
  apiVersion: z.int(),
  summary: z.string().min(1),
  provides: z.array(token).optional(),
  requires: z.array(token).optional(),
  config: schema,
  functions: z
    .array(
      z.looseObject({
        name: z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, "expected `nouns.verb`"),
        summary: z.string(),
        kind: z.enum(["call", "job"]),
        effect: z.enum(["read", "write"]),
        permissions: z.array(z.string().min(1)).optional(),
        input: schema,
        output: schema,
        run: callable,
      }),
    )
    .optional(),
  observations: z
    .record(z.string(), z.looseObject({ kind: z.enum(kinds), message: z.string().min(1) }))
    .optional(),
  register: callable.optional(),
});

/** A module's default export as a plugin; `plugin-api-mismatch`, `plugin-invalid` naming the fields that are wrong. */
export function manifestOf(module: unknown, specifier: string): Plugin {
  const [fault] = manifestFaults(module, specifier);
  if (fault) throw fault;
  return defaultOf(module) as Plugin;
}

/** All that is wrong with a module's default export, the gravest first. */
export function manifestFaults(module: unknown, specifier: string): readonly CodedError[] {
  const exported = defaultOf(module);
  if (exported === undefined)
    return [new CodedError("plugin-invalid", { specifier, problem: "it has no default export" })];
  const version =
    typeof exported === "object" && exported !== null && "apiVersion" in exported && exported.apiVersion;
  const mismatch = typeof version === "number" ? apiMismatch(specifier, version) : undefined;
  const issues = Manifest.safeParse(exported).error?.issues ?? [];
  const invalid =
    issues.length > 0 &&
    new CodedError("plugin-invalid", { specifier, problem: issues.map(issueText).join(", ") });
  return [mismatch, invalid].filter((fault) => fault instanceof CodedError);
}

/** The default export, also of an ES module that was compiled to CommonJS. */
function defaultOf(module: unknown): unknown {
  if (typeof module !== "object" || module === null || !("default" in module)) return undefined;
  const { default: exported } = module;
  const compiled = typeof exported === "object" && exported !== null && "__esModule" in exported;
  return compiled ? defaultOf({ ...exported }) : exported;
}

const issueText = (issue: z.core.$ZodIssue): string =>
  `\`${issue.path.join(".") || "default"}\` ${issue.message.replace(/^Invalid input: /, "")}`;

/** Refuses what was made for another version of the contract. */
export function demandApi(plugin: string, found: unknown): void {
  const mismatch = apiMismatch(plugin, found);
  if (mismatch) throw mismatch;
}

const apiMismatch = (plugin: string, found: unknown): CodedError | undefined =>
  found === API_VERSION
    ? undefined
    : new CodedError("plugin-api-mismatch", { plugin, found: String(found), wanted: API_VERSION });
