/** A feature as data: what it promises, rule by rule. */
export interface Feature {
  /** Its path below `features`, with dots: `conformance.datastore.layers`. */
  readonly id: string;
  /** The folder below `features`: `conformance`, `techniques`, … */
  readonly kind: string;
  /** Of a conformance feature: the extension point, or `function`. */
  readonly point?: string;
  readonly name: string;
  /** What it is for, and what a user loses where its rules are broken. */
  readonly description: string;
  readonly tags: readonly string[];
  readonly rules: readonly Rule[];
  /** Of its text, and so of everything that it says. */
  readonly hash: string;
}

/** One promise. */
export interface Rule {
  /** Empty for scenarios outside of any rule. */
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly scenarios: readonly Scenario[];
}

export interface Scenario {
  readonly name: string;
  /** In its feature's file. */
  readonly line: number;
  /** Its own and those that it inherits. */
  readonly tags: readonly string[];
  readonly steps: readonly string[];
  /** How many times it runs: once, or once for each row of its examples. */
  readonly examples: number;
}

export const scenariosOf = ({ rules }: Feature): readonly Scenario[] =>
  rules.flatMap(({ scenarios }) => scenarios);
