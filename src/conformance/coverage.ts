import type { Capabilities } from "../contract/index.ts";
import type { ScenarioResult } from "./tally.ts";

/** How many of some scenarios were run; the others were skipped. */
export interface Share {
  readonly ran: number;
  readonly of: number;
}

/** How much of what is promised behind a point was put to the test. */
export interface Coverage extends Share {
  /** By capability, as features tag them: `sparse`, and `without sparse` for what must be refused in its absence. */
  readonly capabilities: Readonly<Record<string, Share>>;
  /** What the scenarios that were not run would need, and how many need it: what most need first. */
  readonly needs: Readonly<Record<string, number>>;
  /** What some scenario could not prove, and said so: `durability`. */
  readonly notProven: readonly string[];
}

/** Wording of whoever could not prove something: `durability: not proven, because …`. */
const NOT_PROVEN = /^([\w-]+): not proven/;

/** Of a scenario that was skipped without a word. */
const UNSAID = "what it doesn't say";

const capabilityOf = (tag: string): string | undefined => {
  const [, kind, name] = /^@(capability|without):(.+)$/.exec(tag) ?? [];
  return kind === "without" ? `without ${name}` : name;
};

const shareOf = (results: readonly ScenarioResult[]): Share => ({
  ran: results.filter(({ verdict }) => verdict !== "skipped").length,
  of: results.length,
});

export const coverageOf = (results: readonly ScenarioResult[]): Coverage => {
  const names = results.flatMap(({ tags }) => tags.flatMap((tag) => capabilityOf(tag) ?? []));
  const needs: Record<string, number> = {};
  for (const { verdict, logs } of results)
    for (const log of verdict !== "skipped" ? [] : logs.length > 0 ? logs : [UNSAID]) {
      const need = log.replace(/^needs /, "");
      needs[need] = (needs[need] ?? 0) + 1;
    }
  const unproven = results.flatMap(({ logs }) => logs.flatMap((log) => NOT_PROVEN.exec(log)?.[1] ?? []));
  return {
    ...shareOf(results),
    capabilities: Object.fromEntries(
      [...new Set(names)]
        .sort()
        .map((name) => [
          name,
          shareOf(results.filter(({ tags }) => tags.some((tag) => capabilityOf(tag) === name))),
        ]),
    ),
    // Scenarios end in another order every time: two runs of the same must tell the same.
    needs: Object.fromEntries(
      Object.entries(needs).sort(([a, some], [b, others]) => others - some || (a < b ? -1 : 1)),
    ),
    notProven: [...new Set(unproven)],
  };
};

/** `2 need durability, 5 are for those without process-local, 1 couldn't be run: the store keeps no files` */
export const needsText = ({ needs }: Coverage): string =>
  Object.entries(needs)
    .map(([need, count]) => {
      const [, capability] = /^it without (.+)$/.exec(need) ?? [];
      if (capability !== undefined)
        return `${count} ${count === 1 ? "is" : "are"} for those without ${capability}`;
      const [, reason] = /^not run: (.+)$/s.exec(need) ?? [];
      if (reason !== undefined) return `${count} couldn't be run: ${reason}`;
      return `${count} ${count === 1 ? "needs" : "need"} ${need}`;
    })
    .join(", ");

/** `sparse`, `4 MiB limit`: the capabilities that an instance has, with their values where those say more than yes. */
export const capabilitiesText = (capabilities: Capabilities): string =>
  Object.entries(capabilities)
    .filter(([, value]) => Boolean(value))
    .map(([name, value]) => (value === true ? name : `${name} ${value}`))
    .join(", ");
