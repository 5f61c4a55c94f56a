import type { Plugin } from "../contract/plugin.ts";
import { points } from "../contract/points/index.ts";
import type { Discovered } from "./discover.ts";
import type { Instance } from "./instances.ts";
import { isHostService, onlyPlaneOf, pluginIn, pointName } from "./planes.ts";
import { codedProblem, type Problem } from "./problem.ts";

const OURS = "pagurus/";

/** Points of ours that this kernel doesn't know, such as one of a later version. */
export const unknownPoints = (known: readonly Discovered[]): readonly Problem[] =>
  known.flatMap(({ plugin, origin }) =>
    (plugin.provides ?? [])
      .filter((point) => point.description?.startsWith(OURS) && !points.has(point))
      .map((point) =>
        codedProblem(origin === "built-in" ? plugin.id : "plugins", "plugin-point-unknown", {
          plugin: plugin.id,
          point: point.description ?? "",
          known: [...points.keys()].map((token) => token.description ?? "").join(", "),
        }),
      ),
  );

/** Whether `provider` is what `instance` waits for when it requires `point`; instances of one plugin never wait for each other. */
export const provides = (provider: Instance, instance: Instance, point: symbol): boolean =>
  provider.plugin !== instance.plugin && (provider.plugin.provides ?? []).some((token) => token === point);

/** What instances require and nobody provides, or only the other plane has. */
export function unmetRequirements(
  instances: readonly Instance[],
  services: ReadonlySet<symbol>,
): readonly Problem[] {
  return instances.flatMap((instance) =>
    (instance.plugin.requires ?? []).flatMap((token) => unmet(instance, token, instances, services)),
  );
}

type Requirer = Pick<Instance, "key" | "plugin">;

function unmet(
  instance: Instance,
  token: symbol,
  instances: readonly Instance[],
  services: ReadonlySet<symbol>,
): readonly Problem[] {
  const mismatch = planeMismatch(instance, token);
  const met =
    isHostService(token) ||
    services.has(token) ||
    instances.some((provider) => provides(provider, instance, token));
  return mismatch.length > 0 || met ? mismatch : [missing(instance, token)];
}

/** What only the plane has in which the plugin isn't. */
function planeMismatch({ key, plugin }: Requirer, token: symbol): readonly Problem[] {
  const only = onlyPlaneOf(token);
  const plane = only === "control" ? "disk" : "control";
  if (!only || !pluginIn(plugin, plane)) return [];
  return [
    codedProblem(key, "plugin-plane-mismatch", { plugin: plugin.id, plane, point: pointName(token), only }),
  ];
}

const missing = ({ key, plugin }: Requirer, token: symbol): Problem =>
  codedProblem(key, "plugin-requirement-missing", { plugin: plugin.id, point: pointName(token) });

/** What a plugin requires of ours that no server has, or only in the plane in which the plugin isn't. */
export const unmetByOurs = (plugin: Plugin): readonly Problem[] => {
  const requirer = { key: plugin.id, plugin };
  return (plugin.requires ?? []).flatMap((token) => {
    const known = points.has(token) || isHostService(token) || !token.description?.startsWith(OURS);
    return known ? planeMismatch(requirer, token) : [missing(requirer, token)];
  });
};
