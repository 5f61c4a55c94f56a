import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { LineCounter, parseDocument } from "yaml";
import { CodedError, reasonOf } from "../contract/errors.ts";
import type { Json, JsonObject } from "../contract/json.ts";
import { redactJson } from "../observations/index.ts";
import { type Environment, expand } from "./environment.ts";
import type { Problem } from "./problem.ts";

/**
 * What file, environment and flags say, merged, and checked by nobody yet. Plain JSON: it is posted to each disk
 * thread, whose kernel reads it by the same schemas. Holds secrets: `shownConfiguration` doesn't.
 */
export interface RawConfiguration {
  /** The file's path, or `defaults`. */
  readonly source: string;
  /** Where relative paths and the search for plugins start. */
  readonly folder: string;
  /** Absolute. */
  readonly dataDir: string;
  readonly values: JsonObject;
  /** Key to where its value came from, for sections and for what overrides a part of one. */
  readonly origins: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  /** What was wrong already when it was read; reported with all the rest. */
  readonly problems: readonly Problem[];
}

/** Flags of `pagurus serve` that equal keys of the file. */
export interface ConfigurationFlags {
  readonly listen?: string;
  /** Sets `exports.nbd.listen`. */
  readonly nbd?: string;
}

export interface ConfigurationSources {
  /** The file; absent: `PAGURUS_CONFIG`, else the defaults. */
  readonly path?: string | undefined;
  readonly dataDir: string;
  /** Of the file, only these sections count; absent: all. */
  readonly sections?: readonly string[] | undefined;
  readonly env: Environment;
  readonly flags?: ConfigurationFlags | undefined;
}

/** What an absent section stands for; one that is present replaces it whole. */
const defaultSections = (dataDir: string): JsonObject => ({
  plugins: [],
  disabled: [],
  server: {},
  settings: {},
  catalog: { plugin: "catalog-sqlite" },
  datastores: { default: { plugin: "datastore-local", root: join(dataDir, "disks") } },
  exports: { nbd: { plugin: "export-nbd" } },
  sinks: { log: { plugin: "sink-log" } },
  hashes: { sha256: { plugin: "hash-sha256" }, xxh64: { plugin: "hash-xxh64" } },
});

const pick = (file: JsonObject, sections: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(file).filter(([section]) => sections.includes(section)));

/** Reads file and environment, once for all threads. `config-unreadable`; all other problems are kept for later. */
export async function loadConfiguration(sources: ConfigurationSources): Promise<RawConfiguration> {
  const { env, flags = {} } = sources;
  const path = sources.path ?? env.PAGURUS_CONFIG;
  const dataDir = resolve(sources.dataDir);
  const whole = path === undefined ? {} : await readSections(resolve(path));
  const file = sources.sections === undefined ? whole : pick(whole, sources.sections);
  const { value, secrets, origins, problems } = expand(file, env);
  const sections = { ...defaultSections(dataDir), ...asObject(value) };
  const origin = (section: string) => (section in file ? "file" : "default");
  const layers = [
    override("server.listen", flags.listen, "flag --listen") ??
      override("server.listen", env.PAGURUS_LISTEN, "environment PAGURUS_LISTEN"),
    override("exports.nbd.listen", flags.nbd, "flag --nbd"),
  ].filter((layer) => layer !== undefined);
  return {
    source: path === undefined ? "defaults" : resolve(path),
    folder: path === undefined ? process.cwd() : dirname(resolve(path)),
    dataDir,
    values: layers.reduce((values, { key, value: set }) => withValue(values, key.split("."), set), sections),
    origins: {
      ...Object.fromEntries(Object.keys(sections).map((section) => [section, origin(section)])),
      ...origins,
      ...Object.fromEntries(layers.map(({ key, from }) => [key, from])),
    },
    secrets,
    problems,
  };
}

/** The configuration as it may be shown: without secrets, with where each part came from. */
export const shownConfiguration = ({ source, dataDir, values, origins, secrets }: RawConfiguration) => ({
  source,
  dataDir,
  values: redactJson(values, secrets),
  origins,
});

const override = (key: string, value: string | undefined, from: string) =>
  value === undefined ? undefined : { key, value, from };

const asObject = (value: Json | undefined): JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};

function withValue(values: JsonObject, path: readonly string[], value: string): JsonObject {
  const [name, ...rest] = path;
  if (name === undefined) return values;
  if (rest.length === 0) return { ...values, [name]: value };
  return { ...values, [name]: withValue(asObject(values[name]), rest, value) };
}

async function readSections(path: string): Promise<JsonObject> {
  const unreadable = (reason: string, cause?: unknown) =>
    new CodedError("config-unreadable", { path, reason }, { cause });
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw unreadable(reasonOf(error), error);
  });
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [problem] = document.errors;
  if (problem) {
    const { line, col } = lines.linePos(problem.pos[0]);
    throw unreadable(`line ${line}, column ${col}: ${problem.message}`);
  }
  const value = toJson(() => document.toJS() as unknown, unreadable);
  if (value === null) return {};
  if (typeof value !== "object" || Array.isArray(value))
    throw unreadable("line 1, column 1: the file must hold a map of sections");
  return value as JsonObject;
}

function toJson(read: () => unknown, unreadable: (reason: string, cause: unknown) => CodedError): Json {
  try {
    return JSON.parse(JSON.stringify(read() ?? null)) as Json;
  } catch (error) {
    throw unreadable(reasonOf(error), error);
  }
}
