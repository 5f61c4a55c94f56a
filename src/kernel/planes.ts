import { Disks } from "../contract/disks.ts";
import type { Plane } from "../contract/extension-point.ts";
import type { Plugin } from "../contract/plugin.ts";
import { points } from "../contract/points/index.ts";
import { Clock, Events, Invoke, Log, Metrics } from "../contract/services.ts";

/** Where a kernel runs. */
export type KernelPlane = Exclude<Plane, "both">;

/** Host services, by the plane that has them. */
const hostServices: ReadonlyMap<symbol, Plane> = new Map<symbol, Plane>([
  [Log, "both"],
  [Clock, "both"],
  [Metrics, "both"],
  [Events, "control"],
  [Invoke, "control"],
  [Disks, "control"],
]);

const serves = (plane: Plane | undefined, kernel: KernelPlane): boolean =>
  plane === kernel || plane === "both";

/** Whether the engine itself binds this token. */
export const isHostService = (token: symbol): boolean => hostServices.has(token);

/** The only plane that has this service or point, where there is only one. */
export function onlyPlaneOf(token: symbol): KernelPlane | undefined {
  const plane = hostServices.get(token) ?? points.get(token)?.plane;
  return plane === "both" ? undefined : plane;
}

/** Whether the object behind `point` lives in this plane. A stranger's own point lives wherever its plugin does. */
export const pointIn = (point: symbol, kernel: KernelPlane): boolean => {
  const facts = points.get(point);
  return facts === undefined || serves(facts.plane, kernel);
};

/**
 * Whether instances of the plugin exist in this plane: where it has a point. One that provides nothing lives in the
 * control plane; one that provides only points of its own, in both, or where alone it finds what it requires.
 */
export function pluginIn({ provides = [], requires = [] }: Plugin, kernel: KernelPlane): boolean {
  if (provides.length === 0) return kernel === "control";
  const known = provides.flatMap((point) => points.get(point)?.plane ?? []);
  if (known.length > 0) return known.some((plane) => serves(plane, kernel));
  const bound = requires.flatMap((token) => onlyPlaneOf(token) ?? []);
  return bound.length === 0 || bound.includes(kernel);
}

/** A token as messages call it. */
export const pointName = (point: symbol): string =>
  points.get(point)?.name ?? (point.description || "a token");
