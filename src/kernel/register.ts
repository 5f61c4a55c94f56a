import "reflect-metadata";
import { Container, type ServiceIdentifier } from "inversify";
import type { Capabilities } from "../contract/capabilities.ts";
import { CodedError, reasonOf } from "../contract/errors.ts";
import type { ExtensionPoint } from "../contract/extension-point.ts";
import type { Lifecycle } from "../contract/plugin.ts";
import { points } from "../contract/points/index.ts";
import type { Instance } from "./instances.ts";
import { type KernelPlane, pluginIn, pointIn, pointName } from "./planes.ts";

/** A service that the engine hands to plugins and functions. */
export type Service = readonly [token: ExtensionPoint<unknown>, value: unknown];

/** An object behind an extension point. */
export interface Provided {
  readonly point: symbol;
  readonly object: Lifecycle & { readonly id?: unknown; readonly capabilities?: Capabilities };
}

/** Makes the container that holds constants only: services, and what plugins will have provided. */
export function rootOf(services: readonly Service[]): Container {
  const root = new Container();
  for (const [token, value] of services) root.bind(token).toConstantValue(value);
  return root;
}

/**
 * Lets an instance bind into a container of its own and takes from there what it provides in this plane, which is
 * then a constant of the root for whoever comes later. `plugin-register-failed`.
 */
export function registerInstance(
  instance: Instance,
  root: Container,
  plane: KernelPlane,
  dataDir: string,
): readonly Provided[] {
  const { plugin, id, config } = instance;
  if (!pluginIn(plugin, plane)) return [];
  const own = new Container({ parent: root, defaultScope: "Singleton" });
  try {
    const answer: unknown = plugin.register?.({ bind: own.bind.bind(own), id, config, dataDir });
    if (answer instanceof Promise) throw new TypeError("`register` is asynchronous; do I/O in `start`");
    demandDeclared(instance, own);
    const provided = (plugin.provides ?? [])
      .filter((point) => pointIn(point, plane))
      .flatMap((point) => objectsOf(point, own, root));
    for (const { point, object } of provided) root.bind(point).toConstantValue(object);
    return provided;
  } catch (cause) {
    throw new CodedError(
      "plugin-register-failed",
      { instance: instance.key, reason: reasonOf(cause) },
      { cause },
    );
  }
}

/** What is declared is bound, and what is bound is declared. */
function demandDeclared({ plugin: { provides = [] } }: Instance, own: Container): void {
  const missing = provides.filter((point) => !own.isCurrentBound(point));
  if (missing.length > 0)
    throw new TypeError(`it provides ${missing.map(pointName).join(", ")} and binds nothing to it`);
  const stray = [...points.keys()].filter(
    (point) => own.isCurrentBound(tokenOf(point)) && !provides.some((token) => token === point),
  );
  if (stray.length > 0)
    throw new TypeError(`it binds ${stray.map(pointName).join(", ")}, which its \`provides\` does not name`);
}

const tokenOf = (point: symbol): ServiceIdentifier<Provided["object"]> => point;

function objectsOf(point: symbol, own: Container, root: Container): readonly Provided[] {
  const others = root.isBound(tokenOf(point)) ? root.getAll(tokenOf(point)) : [];
  const objects = own.getAll(tokenOf(point));
  for (const { id } of objects)
    if (id !== undefined && others.some((other) => other.id === id))
      throw new TypeError(`there is another ${pointName(point)} with the id ${String(id)}`);
  return objects.map((object) => ({ point, object }));
}
