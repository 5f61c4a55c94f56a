import type { Envelope } from "@cucumber/messages";
import type { Capabilities, JsonObject } from "../contract/index.ts";
import type { PluginRequest } from "./plugin-under-test.ts";

/** What a plugin goes through in a subject's process, in this order. */
export type Phase = "load" | "register" | "start" | "stop" | "again" | "scenario" | "sweep";

/** What a process is to run of a point's features, and with what its scenarios are given. */
export interface RunOrder {
  readonly do: "run";
  /** From the package's root; with `:line` where only some scenarios of a file are wanted. */
  readonly paths: readonly string[];
  readonly tags?: string;
  /** Each n-th scenario: `2/3`. */
  readonly shard?: string;
  /** The World's parameters. */
  readonly parameters: JsonObject & Pick<PluginRequest, "plugin" | "cwd" | "secrets">;
}

/** What a subject's process is asked to do, one after another. */
export type Order =
  | { readonly do: "load"; readonly request: PluginRequest }
  | { readonly do: "try"; readonly request: PluginRequest; readonly point: string }
  | RunOrder
  | { readonly do: "sweep"; readonly request: PluginRequest; readonly prefix: string };

/** What a plugin says of itself once its module is loaded. */
export interface Loaded {
  readonly id: string;
  readonly summary: string;
  /** By name; `function` too where it has functions. */
  readonly points: readonly string[];
}

export type Answer =
  | { readonly did: "load"; readonly loaded: Loaded }
  | { readonly did: "try" }
  /** `alive`: the kinds of resources that keep the process from ending, by Node's names. */
  | { readonly did: "run"; readonly alive: readonly string[] }
  | { readonly did: "sweep"; readonly removed: number };

/** What a subject's process tells. */
export type Told =
  | Answer
  | { readonly phase: Phase }
  | { readonly flushed: true }
  /** What the instance can do once it has started. */
  | { readonly capabilities: Capabilities }
  | { readonly envelope: Envelope }
  | { readonly printed: string }
  | Threw;

/** What the plugin threw: its code, and all of it in a sentence. */
export interface Threw {
  readonly threw: string;
  readonly sentence: string;
}
