import type { Json, JsonObject, StoreUsage } from "../../contract/index.ts";
import { type SidesUsage, usageOfAll } from "../../disks/index.ts";
import { SidesUsageResult } from "./input.ts";

/** Phases of a disk on its way, from first to last. */
const ORDER = ["copying", "converging", "ready", "stunned"];

/**
 * The progress of several disks as one: as far as the one furthest behind, as much as all together. A time that one
 * of them can't tell (`null`: it does not come nearer) can't be told of all; what else a strategy tells is passed on
 * where all agree.
 */
export function groupProgress(all: readonly JsonObject[]): JsonObject {
  const [first = {}] = all;
  if (all.length === 1) return first;
  const names = [...new Set(all.flatMap((one) => Object.keys(one)))];
  return Object.fromEntries(
    names.flatMap((name) => {
      const values = all.flatMap((one) => (name in one ? [one[name] as Json] : []));
      const together = togetherOf(name, values, all.length);
      return together === undefined ? [] : [[name, together]];
    }),
  );
}

function togetherOf(name: string, values: readonly Json[], disks: number): Json | undefined {
  if (name === "phase") {
    // A disk that has not told yet is at the beginning.
    if (values.length < disks) return ORDER[0];
    return ORDER[Math.max(0, Math.min(...values.map((phase) => ORDER.indexOf(String(phase)))))];
  }
  if (name === "usage")
    return usageTogether(values.flatMap((value) => SidesUsageResult.safeParse(value).data ?? []));
  if (values.includes(null)) return null;
  if (values.every((value) => typeof value === "number")) {
    if (/bytes/i.test(name)) return values.reduce((sum, value) => sum + value, 0);
    if (name === "percent") return values.length < disks ? 0 : Math.min(...values);
    return Math.max(...values);
  }
  const [first, ...others] = values.map((value) => JSON.stringify(value));
  return others.every((other) => other === first) ? values[0] : undefined;
}

const usageTogether = (usages: readonly SidesUsage[]): SidesUsage => {
  const all = (of: (usage: SidesUsage) => StoreUsage | null) =>
    usageOfAll(usages.flatMap((usage) => of(usage) ?? [])) ?? null;
  return { source: all(({ source }) => source), target: all(({ target }) => target) };
};
