import type { JobOutcome } from "../catalog/index.ts";
import { codes, type Observation } from "../contract/index.ts";
import { pathOf } from "../observations/index.ts";

/** Codes that decide how a job has ended, whatever lies below them, and what callers see. */
const DECISIVE: ReadonlyMap<string, string> = new Map([
  ["cancelled", "cancelled"],
  ["interrupted", "interrupted"],
  ["server-stopping", "interrupted"],
  ["disk-thread-lost", "interrupted"],
  ["not-converging", "not-converging"],
  ["block-mismatch", "block-mismatch"],
]);

/** Codes that tell of one request or of nothing in particular: what they made fail says more. */
const DETAILS = new Set(["internal", "layer-io-failed", "layer-failed", "layer-closed", "layer-read-only"]);

/** Codes whose data tells a caller what was found, or what to ask for instead. */
const TELLING = new Set(["not-converging", "scenarios-failed"]);

/** What a job that did not succeed ends with. */
export function outcomeOf(chain: Observation): JobOutcome {
  const code = outcomeCode(chain);
  const { data } = pathOf(chain).find((one) => one.code === code && TELLING.has(code)) ?? {};
  return { code, ...(data && { data }) };
}

/**
 * The `outcome.code` of a job that did not succeed: the outermost decisive code of its chain, else the innermost
 * that names a cause and not a detail. So a full target is `no-space` and a broken one `target-failed`.
 */
function outcomeCode(chain: Observation): string {
  const path = pathOf(chain).map(({ code }) => code);
  const decisive = path.find((code) => DECISIVE.has(code));
  if (decisive !== undefined) return DECISIVE.get(decisive) ?? decisive;
  return path.findLast((code) => !DETAILS.has(code) && !isWrapper(code)) ?? path.at(-1) ?? "internal";
}

const isWrapper = (code: string): boolean => {
  const known: { readonly wrapper?: boolean } | undefined = (codes as Record<string, object>)[code];
  return known?.wrapper === true;
};
