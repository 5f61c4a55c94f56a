import {
  Clock,
  type ExtensionPoint,
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
}

/** One started instance of the plugin under test, in one plane, as a server would have it. */
export interface PluginUnderTest {
  /** The object behind a point that the plugin provides in this plane. */
  get<T extends { readonly id: string }>(point: ExtensionPoint<T>): T;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Our own plugins that have a feature, with what they must be configured with at least. */
export const ownPlugins: Readonly<Record<string, JsonObject>> = {
  "datastore-local": { root: "{tmp}" },
  "datastore-memory": {},
  "export-nbd": { sockets: "{tmp}", listen: "127.0.0.1:0" },
};

const instanceId = "under-test";
const silent = () => undefined;
const services = [
  [Log, { debug: silent, info: silent, warn: silent, error: silent }],
  [Clock, systemClock],
  [Metrics, { counter: () => ({ add: silent }), gauge: () => ({ set: silent }) }],
] as const;

export const loadPlugin = async ({ plugin, cwd }: Pick<PluginRequest, "plugin" | "cwd">): Promise<Plugin> => {
  const own = Object.hasOwn(ownPlugins, plugin);
  const specifier = own ? `pagurus/plugins/${plugin}` : plugin;
  const module: unknown = own ? await import(specifier) : await importPlugin(plugin, "the command line", cwd);
  return manifestOf(module, specifier);
};

/** The part of `pagurus.yaml` that configures the plugin, and nothing else. */
const sectionsFor = ({ id, provides = [] }: Plugin, config: JsonObject): JsonObject => {
  const sections = provides.flatMap((point) => points.get(point)?.section ?? []);
  const instance = { plugin: id, ...config };
  return {
    datastores: {},
    exports: {},
    hashes: {},
    sinks: {},
    catalog: { plugin: "catalog-sqlite" },
    ...Object.fromEntries(
      sections.map((name) => [name, name === "catalog" ? instance : { [instanceId]: instance }]),
    ),
    ...(sections.length === 0 ? { settings: { [id]: config } } : {}),
  };
};

/** Opens the plugin as a disk thread does, or as the control plane. Every call makes another instance. */
export const openPlugin = async (
  request: PluginRequest,
  plane: KernelPlane = "disk",
): Promise<PluginUnderTest> => {
  const plugin = await loadPlugin(request);
  const kernel = await createKernel({
    configuration: {
      source: "the conformance kit",
      folder: request.cwd,
      dataDir: request.dataDir,
      values: sectionsFor(plugin, request.config),
      origins: {},
      secrets: [],
      problems: [],
    },
    plane,
    services,
    builtIns: new Map<string, () => Promise<unknown>>([
      ["catalog-sqlite", () => import("pagurus/plugins/catalog-sqlite")],
      [plugin.id, async () => ({ default: plugin })],
    ]),
  });
  await kernel.start();
  return {
    get: (point) => kernel.one(point, points.get(point)?.section === undefined ? plugin.id : instanceId),
    start: () => kernel.start(),
    stop: () => kernel.stop(),
  };
};
