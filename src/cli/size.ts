import { CodedError } from "../contract/index.ts";

/** By lower-case unit; nobody means two things by `MB` and `mb`. */
const bytesPerUnit: ReadonlyMap<string, bigint> = new Map([
  ["b", 1n],
  ...["k", "m", "g", "t", "p"].flatMap((prefix, i) => [
    [`${prefix}ib`, 1024n ** BigInt(i + 1)] as const,
    [`${prefix}b`, 1000n ** BigInt(i + 1)] as const,
  ]),
]);

/** Bytes of `20GiB`, `512`, `1.5MiB` or `10MB`, exactly: a fraction of a byte is refused, never rounded. */
export const parseSize = (given: string): number => {
  const refuse = (problem: string) => new CodedError("size-invalid", { given, problem });
  const parts = /^(\d+)(?:\.(\d+))?\s*([a-z]*)$/i.exec(given.trim());
  if (!parts) throw refuse("it is not a number followed by a unit");
  const [, whole = "", fraction = "", unit = ""] = parts;
  const factor = bytesPerUnit.get(unit.toLowerCase() || "b");
  if (factor === undefined) throw refuse(`${unit} is not a unit`);
  const scale = 10n ** BigInt(fraction.length);
  const scaled = BigInt(whole + fraction) * factor;
  if (scaled % scale !== 0n) throw refuse("it is not a whole number of bytes");
  const bytes = scaled / scale;
  if (bytes > BigInt(Number.MAX_SAFE_INTEGER)) throw refuse("it is too large");
  return Number(bytes);
};
