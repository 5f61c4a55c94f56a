import { InvalidArgumentError } from "commander";
import { CodedError, type Json, type JsonObject, reasonOf } from "../contract/index.ts";

/** `key=value`, several of which make an object; a dot leads into an inner one, and what isn't JSON is a text. */
export const setting = (text: string, earlier: JsonObject = {}): JsonObject => {
  const [, key = "", value = ""] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === "") throw new InvalidArgumentError(`${text} is not key=value.`);
  return withValue(earlier, key.split("."), jsonOrText(value));
};

const jsonOrText = (text: string): Json => {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
};

const withValue = (values: JsonObject, [name = "", ...rest]: readonly string[], value: Json): JsonObject => {
  const inner = values[name];
  const below = typeof inner === "object" && inner !== null && !Array.isArray(inner) ? inner : {};
  return { ...values, [name]: rest.length === 0 ? value : withValue(below as JsonObject, rest, value) };
};

/** What `conform` is told of the plugins' configuration. */
export const configurationOf = ({
  config,
  set,
}: {
  readonly config?: string;
  readonly set?: JsonObject;
}): { readonly config?: JsonObject; readonly configFile?: string } => {
  if (config === undefined) return set === undefined ? {} : { config: set };
  if (set !== undefined) throw usage("--config and --set exclude each other");
  return config.trimStart().startsWith("{") ? { config: parsed(config) } : { configFile: config };
};

const parsed = (json: string): JsonObject => {
  try {
    return JSON.parse(json) as JsonObject;
  } catch (cause) {
    throw usage(`--config begins like JSON and is none: ${reasonOf(cause)}`, cause);
  }
};

const usage = (problem: string, cause?: unknown) =>
  new CodedError("usage-invalid", { problem, help: "pagurus conform --help" }, { cause });
