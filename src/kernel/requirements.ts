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

function unmet(
  instance: Instance,
  token: symbol,
  instances: readonly Instance[],
  services: ReadonlySet<symbol>,
): readonly Problem[] {
  const { plugin, key } = instance;
  const only = onlyPlaneOf(token);
  const other = only === "control" ? "disk" : "control";
  if (only && pluginIn(plugin, other))
    return [
      codedProblem(key, "plugin-plane-mismatch", {
        plugin: plugin.id,
        plane: other,
        point: pointName(token),
        only,
      }),
    ];
  const met =
    isHostService(token) ||
    services.has(token) ||
    instances.some((provider) => provides(provider, instance, token));
  if (met) return [];
  return [codedProblem(key, "plugin-requirement-missing", { plugin: plugin.id, point: pointName(token) })];
}
