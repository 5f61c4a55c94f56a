import type { Envelope } from "@cucumber/messages";
import type { Capabilities, JsonObject } from "../contract/index.ts";
import type { Coverage } from "./coverage.ts";
import type { KitStamp } from "./kit.ts";
import type { Deadlines } from "./phases.ts";
import type { Counts, ScenarioResult } from "./tally.ts";

/** What is put to the test, with what, and who is told. */
export interface ConformOptions {
  /**
   * Ids of built-in plugins, packages or paths; the latter two from `cwd`. With `configFile`: which of its plugins are
   * put to the test, all of them where absent.
   */
  readonly plugins?: readonly string[];
  /** The plugins' configuration; `{tmp}` in its texts becomes a fresh folder for each scenario. */
  readonly config?: JsonObject;
  /** A `pagurus.yaml`: each instance that it configures is a subject. */
  readonly configFile?: string;
  /**
   * What of the configuration is otherwise on another host, where a store that can be reached from several keeps the
   * writers of one host apart: what is put to the test runs on one.
   */
  readonly otherHost?: JsonObject;
  /** One point of those that the plugins provide, such as `datastore` or `function`; all of them where absent. */
  readonly point?: string;
  /** Files of the features to run, from the package's root: all of the plugins' points where absent. */
  readonly features?: readonly string[];
  /** A tag expression that narrows the scenarios. */
  readonly tags?: string;
  /** Repeats the random parts of an earlier run, which told it. */
  readonly seed?: number;
  /** Stops at the first failure. */
  readonly bail?: boolean;
  /** How many processes share the scenarios of a subject. */
  readonly parallel?: number;
  /** Has random and large checks do many times as much. */
  readonly thorough?: boolean;
  /** A JSON file that says what was put to the test before: whatever no longer is, counts as a failure. */
  readonly coverageFile?: string;
  /** Writes that file anew. */
  readonly renewCoverage?: boolean;
  /** Default: that of this process. */
  readonly cwd?: string;
  readonly signal?: AbortSignal;
  /** Who is told what happens, as it happens; `terminal(process.stdout)` where absent, nobody with `silent`. */
  readonly report?: Reporter | readonly Reporter[];
  readonly deadlinesMs?: Partial<Deadlines>;
}

/** One instance of a plugin behind one extension point, or the functions of a plugin. */
export interface SubjectFacts {
  /** `datastore-local`, or `datastores.fast` of a configuration file. Each is named once. */
  readonly name: string;
  /** How the plugin was named. */
  readonly specifier: string;
  /** The plugin's id; its specifier where it could not be loaded. */
  readonly plugin: string;
  /** `datastore`, …, `function`; empty where the plugin could not be loaded. */
  readonly point: string;
}

/** What a subject's features found. */
export interface SubjectResult extends SubjectFacts, Counts {
  /** What else went wrong: what the kit could not do, which breaks no promise of the features. */
  readonly problems: readonly string[];
  readonly capabilities: Capabilities;
  /** Of the point's features; what the kit itself does with every plugin isn't counted. */
  readonly coverage: Coverage;
  readonly results: readonly ScenarioResult[];
  readonly durationMs: number;
}

/** What a run has found, of all its subjects. */
export interface Conformance extends Counts {
  /** Nothing failed, and something was put to the test. */
  readonly ok: boolean;
  readonly kit: KitStamp;
  readonly seed: number;
  /** When the run began, as ISO 8601 has it, in UTC. */
  readonly beganAt: string;
  readonly durationMs: number;
  readonly subjects: readonly SubjectResult[];
  /** Those of all subjects. */
  readonly results: readonly ScenarioResult[];
  /** What failed, in the words of the features, each with the command that repeats it, and then the problems. */
  readonly failures: readonly string[];
  /** What failed besides scenarios: what the kit could not do, and the coverage that was lost. */
  readonly problems: readonly string[];
}

/** Is told what happens while it happens. */
export interface Reporter {
  /** First, before any plugin is loaded. */
  begin?(run: Pick<Conformance, "kit" | "seed" | "beganAt">): void;
  /** Before a subject's first scenario; one subject after another. */
  subject?(subject: SubjectFacts): void;
  /** When a scenario, or a row of its examples, has ended; those of one subject in no fixed order. */
  scenario?(result: ScenarioResult, subject: SubjectFacts): void;
  /** Cucumber's messages, of all subjects as one stream. */
  message?(envelope: Envelope): void;
  /** After a subject's last scenario. */
  ended?(subject: SubjectResult): void;
  /** Last; the run is waited for until it resolves. Not called where the run was given up. */
  end?(conformance: Conformance): Promise<void> | void;
}

/** Tells nobody. */
export const silent: Reporter = {};
