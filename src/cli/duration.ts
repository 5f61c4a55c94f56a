import { CodedError } from "../contract/index.ts";

const msPerUnit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof msPerUnit;
const part = /(\d+)(?:\.(\d+))?(ms|s|m|h|d)/gy;

/** Milliseconds of `50ms`, `1.5s` or `1m30s`, exactly: units from large to small, each once. */
export const parseDuration = (given: string): number => {
  const refuse = (problem: string) => new CodedError("duration-invalid", { given, problem });
  const text = given.trim();
  const parts = [...text.matchAll(part)];
  if (text === "" || parts.map(([all]) => all).join("") !== text)
    throw refuse(
      /^[\d.]+$/.test(text) ? "it has no unit" : "it is not a number followed by ms, s, m, h or d",
    );
  let total = 0n;
  let previousMs = Number.POSITIVE_INFINITY;
  for (const [, whole = "", fraction = "", unit = "ms"] of parts) {
    const unitMs = msPerUnit[unit as Unit];
    if (unitMs >= previousMs) throw refuse("its units do not go from large to small");
    previousMs = unitMs;
    const scale = 10n ** BigInt(fraction.length);
    const scaled = BigInt(whole + fraction) * BigInt(unitMs);
    if (scaled % scale !== 0n) throw refuse("it is not a whole number of milliseconds");
    total += scaled / scale;
  }
  if (total > BigInt(Number.MAX_SAFE_INTEGER)) throw refuse("it is too long");
  return Number(total);
};
