import {
  Clock,
  type ExtensionPoint,
  HashFunction,
  type JsonObject,
  Log,
  Metrics,
  type Plugin,
  points,
} from "../contract/index.ts";
import { systemClock } from "../engine/system-clock.ts";
import { createKernel, type KernelPlane } from "../kernel/index.ts";
import { manifestOf } from "../kernel/manifest.ts";
import { importPlugin } from "../kernel/module.ts";

/** Which plugin, with what configuration: all that another process needs to open the same one. */
export interface PluginRequest {
  /** The id of one of ours, a package or a path; the latter two from `cwd`. */
  readonly plugin: string;
  readonly config: JsonObject;
  readonly cwd: string;
  /** A folder of its own. */
  readonly dataDir: string;
  /** The instance's name where a configuration file gives it one. */
  readonly id?: string;
  /** Values that are never shown. */
  readonly secrets?: readonly string[];
}

/** One instance of the plugin under test, in one plane, as a server would have it. */
export interface PluginUnderTest {
  /** The manifest. */
  readonly plugin: Plugin;
  /** The object behind a point that the plugin provides in this plane. */
  get<T extends { readonly id: string }>(point: ExtensionPoint<T>): T;
  /** What the plugin's object does at its start; rejects as a server would, with `plugin-start-failed`. */
  start(): Promise<void>;
  /** Also where it wasn't started, or in part. */
  stop(): Promise<void>;
}

/** Our own plugins that have features, with what they must be configured with at least. */
export const ownPlugins: Readonly<Record<string, JsonObject>> = {
  "catalog-sqlite": {},
  "datastore-local": { root: "{tmp}" },
  "datastore-memory": {},
  "datastore-minio": {},
  "dirty-block-migration": {},
  "export-nbd": { sockets: "{tmp}", listen: "127.0.0.1:0" },
  "hash-sha256": {},
  "hash-xxh64": {},
  "sink-log": {},
};

const silent = () => undefined;
const silentLog: Log = { debug: silent, info: silent, warn: silent, error: silent };
const services = [
  [Clock, systemClock],
  [Metrics, { counter: () => ({ add: silent }), gauge: () => ({ set: silent }) }],
] as const;

export const loadPlugin = async ({ plugin, cwd }: Pick<PluginRequest, "plugin" | "cwd">): Promise<Plugin> => {
  const own = Object.hasOwn(ownPlugins, plugin);
  const specifier = own ? `pagurus/plugins/${plugin}` : plugin;
  const module: unknown = own ? await import(specifier) : await importPlugin(plugin, "the command line", cwd);
  return manifestOf(module, specifier);
};

const ownHashes = {
  sha256: { plugin: "hash-sha256" },
  xxh64: { plugin: "hash-xxh64" },
};

/** The part of `pagurus.yaml` that configures the plugin, and what it needs of ours. */
const sectionsFor = ({ id, provides = [], requires = [] }: Plugin, request: PluginRequest): JsonObject => {
  // One instance stands behind all the points that its plugin provides, whichever section names it.
  const section = sectionFor(provides);
  const instance = { plugin: id, ...request.config };
  return {
    datastores: {},
    exports: {},
    hashes: requires.includes(HashFunction) ? ownHashes : {},
    sinks: {},
    catalog: { plugin: "catalog-sqlite" },
    ...(section === undefined
      ? { settings: { [id]: request.config } }
      : { [section]: section === "catalog" ? instance : { [nameOf(request)]: instance } }),
  };
};

const sectionFor = (provides: readonly symbol[]) => {
  const sections = provides.flatMap((point) => points.get(point)?.section ?? []);
  return sections.find((section) => section === "catalog") ?? sections[0];
};

const nameOf = ({ id = "under-test" }: PluginRequest): string => id;

/** The id of the instance's object behind a point; `undefined`: it has one of its own. */
const objectId = (point: symbol, { provides = [] }: Plugin, request: PluginRequest): string | undefined => {
  if (points.get(point)?.section === undefined) return undefined;
  return sectionFor(provides) === "catalog" ? "catalog" : nameOf(request);
};

/** Registers the plugin in a plane of a kernel of its own, and starts nothing. */
export const registerPlugin = async (
  request: PluginRequest,
  plane: KernelPlane,
  log: Log = silentLog,
): Promise<PluginUnderTest> => {
  const plugin = await loadPlugin(request);
  const kernel = await createKernel({
    configuration: {
      source: "the conformance kit",
      folder: request.cwd,
      dataDir: request.dataDir,
      values: sectionsFor(plugin, request),
      origins: {},
      secrets: request.secrets ?? [],
      problems: [],
    },
    plane,
    services: [[Log, log], ...services],
    builtIns: new Map<string, () => Promise<unknown>>([
      ["catalog-sqlite", () => import("pagurus/plugins/catalog-sqlite")],
      ["hash-sha256", () => import("pagurus/plugins/hash-sha256")],
      ["hash-xxh64", () => import("pagurus/plugins/hash-xxh64")],
      [plugin.id, async () => ({ default: plugin })],
    ]),
  });
  return {
    plugin,
    get: (point) => {
      const [only] = kernel.all(point);
      return kernel.one(point, objectId(point, plugin, request) ?? only?.id ?? plugin.id);
    },
    start: () => kernel.start(),
    stop: () => kernel.stop(),
  };
};

/** Opens the plugin as a disk thread does, or as the control plane. Every call makes another instance. */
export const openPlugin = async (
  request: PluginRequest,
  plane: KernelPlane = "disk",
  log?: Log,
): Promise<PluginUnderTest> => {
  const instance = await registerPlugin(request, plane, log);
  await instance.start();
  return instance;
};
