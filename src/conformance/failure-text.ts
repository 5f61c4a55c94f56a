import type { JsonObject } from "../contract/index.ts";
import type { ConformOptions, SubjectFacts } from "./conformance.ts";
import { isOfTheKit, type ScenarioResult, titleOf } from "./tally.ts";

/** What a shell takes for one word. */
const quoted = (word: string): string =>
  /^[\w./:=@,+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** What `--set` reads as this value. */
const settingOf = (value: unknown): string => {
  if (typeof value !== "string") return JSON.stringify(value);
  try {
    JSON.parse(value);
    return JSON.stringify(value);
  } catch {
    return value;
  }
};

const settings = (option: string, values: JsonObject = {}): readonly string[] =>
  Object.entries(values).map(([key, value]) => `${option} ${quoted(`${key}=${settingOf(value)}`)}`);

/** The command that runs the scenario again, as it was. */
export const repeatCommand = (
  { config, configFile, otherHost, tags, thorough, ...options }: ConformOptions,
  { specifier, point: own }: SubjectFacts,
  result: ScenarioResult,
): string => {
  const { rule, seed } = result;
  // What the kit itself finds of a plugin, it finds while the features of the run go on: all that were wanted then.
  const wanted = isOfTheKit(result) || rule?.name === undefined ? tags : `@rule:${rule.name}`;
  // Of no point where the plugin doesn't provide the one that was asked for.
  const point = own || options.point;
  return [
    "pagurus conform",
    quoted(specifier),
    ...(configFile === undefined ? [] : [`--config ${quoted(configFile)}`]),
    ...settings("--set", config),
    ...settings("--other-host", otherHost),
    ...(point ? [`--point ${point}`] : []),
    ...(wanted === undefined ? [] : [`--tags ${quoted(wanted)}`]),
    ...(seed === undefined ? [] : [`--seed ${seed}`]),
    ...(thorough ? ["--thorough"] : []),
  ].join(" ");
};

const indented = (text: string, by: string): string => text.replace(/\n/g, `\n${by}`);

/** `datastore-local, as a datastore` */
export const subjectText = ({ name, point }: SubjectFacts): string =>
  point === "" ? name : `${name} (${point})`;

/** A failure as it is told to people: the promise, the scenario, the step and what was found. */
export const failureText = (subject: SubjectFacts, result: ScenarioResult): string => {
  const { rule, where, step, message = "", repeat } = result;
  const tag = rule?.name === undefined ? "" : `  @rule:${rule.name}`;
  return [
    `${subjectText(subject)}: ${rule?.title ?? result.feature}${tag}`,
    `  ${titleOf(result)}  (${where})`,
    ...(step === undefined ? [] : [`    ${step}`]),
    `      ${indented(message, "      ")}`,
    ...(repeat === undefined ? [] : [`  repeat: ${repeat}`]),
  ].join("\n");
};
