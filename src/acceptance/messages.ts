import type { JsonObject, Observation } from "../contract/index.ts";

/** What a run's process is asked to do. */
export interface RunRequest {
  /** The features' files, below the folder of the package. */
  readonly paths: readonly string[];
  readonly tags?: string;
  /** Without it the features are run that are about the checkout itself. */
  readonly subject?: {
    /** The id of one of ours, a package or a path; the latter two from `cwd`. */
    readonly plugin: string;
    readonly config?: JsonObject;
    readonly cwd: string;
    readonly seed: number;
  };
}

/** One scenario, or one row of its examples, as it ended. */
export interface ScenarioEnd {
  /** The feature's file as Cucumber calls it. */
  readonly file: string;
  readonly line: number;
  readonly verdict: "passed" | "failed" | "skipped";
  /** What failed, or why it was skipped. */
  readonly message?: string;
}

/** What a run has come to, whatever its scenarios' verdicts. */
export interface RunEnd {
  /** Whether anything of what the features are about was tried. */
  readonly tried: boolean;
  /** Where the kit stamps its results: the hash of all its features. */
  readonly featuresHash?: string;
}

/** What a run's process tells; `ended` is the last word of one that could do what it was asked. */
export type RunMessage =
  | { readonly kind: "planned"; readonly scenarios: number }
  | { readonly kind: "scenario"; readonly end: ScenarioEnd }
  | ({ readonly kind: "ended" } & RunEnd)
  | { readonly kind: "failed"; readonly failure: Observation };
