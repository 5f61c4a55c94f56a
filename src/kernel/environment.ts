import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { Json } from "../contract/json.ts";
import type { Problem } from "./problem.ts";

/** The environment of the process: what we read of it, and whatever a file refers to. */
export interface Environment {
  readonly PAGURUS_CONFIG?: string | undefined;
  readonly PAGURUS_DATA?: string | undefined;
  readonly PAGURUS_LISTEN?: string | undefined;
  readonly XDG_DATA_HOME?: string | undefined;
  readonly [name: string]: string | undefined;
}

/** The data directory: the flag, else `PAGURUS_DATA`, else where this user's programs keep their data. */
export function dataDirOf(env: Environment, flag?: string): string {
  const chosen = flag ?? env.PAGURUS_DATA;
  if (chosen) return resolve(chosen);
  return join(env.XDG_DATA_HOME || join(homedir(), ".local", "share"), "pagurus");
}

const REFERENCE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** What became of the secrets that a file refers to. */
export interface Expanded {
  readonly value: Json;
  /** The values put in, to be redacted wherever they turn up. */
  readonly secrets: readonly string[];
  /** Key to the variables that its value is made of. */
  readonly origins: Readonly<Record<string, string>>;
  readonly problems: readonly Problem[];
}

/** Replaces each `${NAME}` in the texts of `value`; one that is not set is a problem. */
export function expand(value: Json, env: Environment): Expanded {
  const secrets = new Set<string>();
  const origins: Record<string, string> = {};
  const problems: Problem[] = [];
  const visitText = (text: string, key: string): string =>
    text.replace(REFERENCE, (reference: string, name: string) => {
      const secret = env[name];
      if (secret === undefined) {
        problems.push({ key, found: reference, wanted: `the environment variable ${name} to be set` });
        return reference;
      }
      secrets.add(secret);
      origins[key] = `environment ${name}`;
      return secret;
    });
  const visit = (inner: Json, key: string): Json => {
    if (typeof inner === "string") return visitText(inner, key);
    if (typeof inner !== "object" || inner === null) return inner;
    const below = (name: string) => (key ? `${key}.${name}` : name);
    if (Array.isArray(inner)) return inner.map((item: Json, index) => visit(item, below(String(index))));
    return Object.fromEntries(Object.entries(inner).map(([name, item]) => [name, visit(item, below(name))]));
  };
  return { value: visit(value, ""), secrets: [...secrets], origins, problems };
}
