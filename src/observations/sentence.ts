import type { Json, JsonObject } from "../contract/json.ts";
import type { Observation } from "../contract/observation.ts";
import { type Codebook, pathOf } from "./codebook.ts";
import { quantityText } from "./quantity.ts";
import { redact } from "./redact.ts";

/** A placeholder, and the unit that the template itself writes after it: then the number stays exact. */
const PLACEHOLDER = /\{(\w+)\}(\s(?:bytes|ms)\b)?/g;

function valueText(name: string, value: Json | undefined, unit = ""): string {
  if (value === undefined || value === null) return `?${unit}`;
  if (typeof value === "number") return unit ? `${value}${unit}` : quantityText(name, value);
  return (typeof value === "string" ? value : JSON.stringify(value)).replace(/\s+/g, " ").trim() + unit;
}

const fill = (template: string, data: JsonObject): string =>
  template.replace(PLACEHOLDER, (_, name: string, unit?: string) => valueText(name, data[name], unit));

/** `(disk web, attempt 2)`: what the template doesn't mention, so that the object is named all the same. */
function aside(data: JsonObject, template: string): string {
  const told = Object.entries(data)
    .filter(([name, value]) => !template.includes(`{${name}}`) && typeof value !== "object")
    .map(([name, value]) => `${name} ${valueText(name, value)}`);
  return told.length > 0 ? ` (${told.join(", ")})` : "";
}

/** Lower-cases the first letter of a template in mid-sentence; a name such as `NBD` or `{disk}` stays as it is. */
const joined = (template: string): string =>
  /^[A-Z][a-z]* /.test(template) ? template.charAt(0).toLowerCase() + template.slice(1) : template;

function clause({ code, data }: Observation, { codes }: Codebook, place: "first" | "inside"): string {
  const known = codes.get(code);
  if (!known) return `\`${code}\`${aside(data, "")}`;
  const template = place === "first" ? known.message : joined(known.message);
  return fill(template, data) + (known.wrapper ? aside(data, template) : "");
}

/** What failed: the outermost observation that says more than that a function or a task failed. */
const subjectOf = (path: readonly Observation[]): Observation | undefined =>
  path.slice(0, -1).find(({ code }) => code !== "function-failed" && code !== "task-failed") ?? path[0];

function remedyOf(path: readonly Observation[], { codes }: Codebook): string {
  for (const { code, data } of path.toReversed()) {
    const remedy = codes.get(code)?.remedy;
    if (remedy) return `; ${fill(joined(remedy), data)}`;
  }
  return "";
}

/**
 * One sentence for people: what failed and on which object, its root cause, and what to do. What lies between is in
 * the chain. Secrets are redacted.
 */
export function sentenceOf(observation: Observation, codebook: Codebook): string {
  const path = pathOf(redact(observation, codebook.secrets));
  const subject = subjectOf(path) ?? observation;
  const root = path.at(-1);
  const why = root && root !== subject ? ` because ${clause(root, codebook, "inside")}` : "";
  return `${clause(subject, codebook, "first")}${why}${remedyOf(path, codebook)}.`;
}
