import type { JsonObject } from "../../contract/index.ts";

const ORDER = ["copying", "converging", "ready", "stunned"];
const numbers = (all: readonly JsonObject[], key: string): number[] =>
  all.map((one) => Number(one[key] ?? 0));
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** The progress of several disks as one: as far as the one furthest behind, as much as all together. */
export function groupProgress(all: readonly JsonObject[]): JsonObject {
  if (all.length === 1) return all[0] as JsonObject;
  const phases = all.map(({ phase }) => ORDER.indexOf(String(phase)));
  return {
    phase: ORDER[Math.max(0, Math.min(...phases))] ?? "copying",
    round: Math.max(...numbers(all, "round")),
    percent: Math.min(...numbers(all, "percent")),
    bytesCopied: sum(numbers(all, "bytesCopied")),
    bytesZero: sum(numbers(all, "bytesZero")),
    bytesPerSecond: sum(numbers(all, "bytesPerSecond")),
    dirtyBytes: sum(numbers(all, "dirtyBytes")),
    dirtyBytesPerSecond: sum(numbers(all, "dirtyBytesPerSecond")),
    predictedPauseMs: Math.max(...numbers(all, "predictedPauseMs")),
    predictedEndMs: Math.max(...numbers(all, "predictedEndMs")),
  };
}
