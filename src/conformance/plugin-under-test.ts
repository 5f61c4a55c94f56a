import { isAbsolute, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { ExtensionPoint } from "../contract/extension-point.ts";
import type { JsonObject } from "../contract/json.ts";
import type { Lifecycle, Plugin } from "../contract/plugin.ts";

/** Which plugin, with what configuration; what another process needs to open the same one. */
export interface PluginRequest {
  /** A built-in plugin's id, a package or a path; the latter two from `cwd`. */
  readonly plugin: string;
  readonly config: JsonObject;
  readonly cwd: string;
  /** A folder of its own. */
  readonly dataDir: string;
}

/** One started instance of the plugin under test. */
export interface PluginUnderTest {
  readonly plugin: Plugin;
  get<T>(point: ExtensionPoint<T>): T;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export const loadPlugin = async ({ plugin, cwd }: Pick<PluginRequest, "plugin" | "cwd">): Promise<Plugin> => {
  const url =
    isAbsolute(plugin) || plugin.startsWith(".")
      ? pathToFileURL(resolve(cwd, plugin)).href
      : `pagurus/plugins/${plugin}`;
  return ((await import(url)) as { default: Plugin }).default;
};

export const openPlugin = async (request: PluginRequest): Promise<PluginUnderTest> => {
  const plugin = await loadPlugin(request);
  const bound = new Map<unknown, Lifecycle>();
  const quiet = { debug() {}, info() {}, warn() {}, error() {} };
  const bind = (token: unknown) => ({
    toConstantValue: (value: Lifecycle) => bound.set(token, value),
    toResolvedValue: (make: (...args: unknown[]) => Lifecycle, needs: unknown[]) =>
      bound.set(token, make(...needs.map(() => quiet))),
  });
  const config = plugin.config.parse(request.config);
  plugin.register?.({ bind: bind as never, id: "under-test", config, dataDir: request.dataDir });
  const signal = new AbortController().signal;
  const self: PluginUnderTest = {
    plugin,
    get: <T>(point: ExtensionPoint<T>) => bound.get(point) as T,
    start: async () => {
      for (const object of bound.values()) await object.start?.({ signal });
    },
    stop: async () => {
      for (const object of bound.values()) await object.stop?.();
    },
  };
  await self.start();
  return self;
};
