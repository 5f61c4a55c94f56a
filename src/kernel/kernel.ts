import type { Capabilities } from "../contract/capabilities.ts";
import type { Code } from "../contract/codes/index.ts";
import { CodedError } from "../contract/errors.ts";
import type { ExtensionPoint } from "../contract/extension-point.ts";
import type { PluginFunction } from "../contract/function.ts";
import { Clock } from "../contract/services.ts";
import type { RawConfiguration } from "./configuration.ts";
import { type DescribedPlugin, describe } from "./describe.ts";
import type { BuiltIns } from "./discover.ts";
import { type InstanceState, type Live, LiveInstances } from "./lifecycle.ts";
import { type KernelPlane, pluginIn, pointName } from "./planes.ts";
import { type Provided, registerInstance, rootOf, type Service } from "./register.ts";
import type { ServerConfiguration } from "./server.ts";
import { checkConfiguration } from "./validate.ts";

export interface KernelOptions {
  readonly configuration: RawConfiguration;
  readonly plane: KernelPlane;
  /** What plugins may require and functions may use besides what plugins provide; `Clock` among them. */
  readonly services: readonly Service[];
  readonly builtIns: BuiltIns;
}

/** An instance, as `plugins list` shows it. */
export interface DescribedInstance {
  readonly key: string;
  readonly id: string;
  readonly plugin: string;
  readonly summary: string;
  readonly points: readonly string[];
  /** `other-plane`: its objects are in the disk threads. */
  readonly state: InstanceState;
  readonly capabilities?: Capabilities;
  /** Why it failed. */
  readonly failure?: unknown;
}

/** The plugins of one thread, wired. */
export interface Kernel {
  readonly server: ServerConfiguration;
  readonly plugins: readonly DescribedPlugin[];
  readonly instances: readonly DescribedInstance[];
  /** Each function once, whatever the number of its plugin's instances. */
  readonly functions: readonly { readonly function: PluginFunction; readonly plugin: string }[];
  /** The plugins' own codes. */
  readonly codes: Readonly<Record<string, Code>>;
  /** Every object behind the point in this plane, save those of instances that failed. */
  all<T>(point: ExtensionPoint<T>): readonly T[];
  /** The object with this id; `instance-not-found` naming those that there are, `instance-failed`. */
  one<T extends { readonly id: string }>(point: ExtensionPoint<T>, id: string): T;
  /** What stands behind a token of a function's `uses`: a service, or the only object of a point. */
  resolve<T>(token: ExtensionPoint<T>): T;
  start(): Promise<void>;
  stop(): Promise<void>;
}

interface Registered extends Live {
  readonly provided: readonly Provided[];
}

/** Checks the configuration (`config-invalid`), loads and registers its plugins for this plane, and starts nothing. */
export async function createKernel(options: KernelOptions): Promise<Kernel> {
  const { configuration, plane, services, builtIns } = options;
  const tokens = new Set(services.map(([token]) => token));
  const { server, known, ordered } = await checkConfiguration(configuration, builtIns, tokens);
  const root = rootOf(services);
  const lives = ordered.map(({ instance, after }): Registered => {
    const provided = registerInstance(instance, root, plane, configuration.dataDir);
    const state = pluginIn(instance.plugin, plane) ? "registered" : "other-plane";
    return { instance, after, provided, objects: [...new Set(provided.map(({ object }) => object))], state };
  });
  const live = new LiveInstances(lives, root.get(Clock));
  const used = new Set(lives.map(({ instance }) => instance.plugin));
  const plugins = known.map(({ plugin }) => plugin).filter((plugin) => used.has(plugin));
  return {
    server,
    plugins: known.map(describe),
    functions: plugins.flatMap((plugin) =>
      (plugin.functions ?? []).map((declared) => ({ function: declared, plugin: plugin.id })),
    ),
    codes: Object.assign({}, ...plugins.map((plugin) => plugin.observations ?? {})) as Record<string, Code>,
    get instances() {
      return lives.map(describeInstance);
    },
    all: (point) => objectsOf(lives, point),
    one: (point, id) => oneOf(lives, point, id),
    resolve<T>(token: ExtensionPoint<T>): T {
      if (!root.isBound(token))
        throw new CodedError("plugin-requirement-missing", {
          plugin: "that has the function",
          point: pointName(token),
        });
      return root.get(token);
    },
    start: () => live.start(),
    stop: () => live.stop(),
  };
}

const behind = <T>({ provided }: Registered, point: ExtensionPoint<T>): readonly T[] =>
  provided.filter((one) => one.point === point).map(({ object }) => object as T);

const objectsOf = <T>(lives: readonly Registered[], point: ExtensionPoint<T>): readonly T[] =>
  lives.filter(({ state }) => state !== "failed").flatMap((live) => behind(live, point));

function oneOf<T extends { readonly id: string }>(
  lives: readonly Registered[],
  point: ExtensionPoint<T>,
  id: string,
): T {
  for (const live of lives) {
    const found = behind(live, point).find((object) => object.id === id);
    if (!found) continue;
    if (live.state !== "failed") return found;
    throw new CodedError("instance-failed", { what: pointName(point), id }, { cause: live.failure });
  }
  const known = objectsOf(lives, point).map((object) => object.id);
  throw new CodedError("instance-not-found", {
    what: pointName(point),
    id,
    known: known.join(", ") || "none",
  });
}

function describeInstance({ instance, provided, state, failure }: Registered): DescribedInstance {
  const { key, id, plugin } = instance;
  const capabilities = provided.find(({ object }) => object.capabilities)?.object.capabilities;
  return {
    key,
    id,
    plugin: plugin.id,
    summary: plugin.summary,
    points: (plugin.provides ?? []).map(pointName),
    state,
    ...(capabilities ? { capabilities } : {}),
    ...(failure === undefined ? {} : { failure }),
  };
}
