import type { Bind } from "inversify";
import type { z } from "zod";
import type { Code } from "./codes/index.ts";
import type { ExtensionPoint } from "./extension-point.ts";
import type { PluginFunction } from "./function.ts";

/** Raised only when a plugin written against the previous contract could notice. */
export const API_VERSION = 1;

/** What `register` is given for each configured instance of the plugin. */
export interface Registration<C> {
  /** Binds into this instance's own container: private tokens never meet those of another instance. */
  readonly bind: Bind;
  /** The instance's name in the configuration; the id of the objects that it provides. */
  readonly id: string;
  readonly config: C;
  /** The server's data directory, absolute. */
  readonly dataDir: string;
}

/** Objects behind extension points may have these; the kernel calls them in dependency order and its reverse. */
export interface Lifecycle {
  /** Does I/O; called again after it succeeded it does nothing. */
  start?(options: { readonly signal: AbortSignal }): Promise<void> | void;
  /** Ends everything that `start` began; never throws for something already gone. */
  stop?(): Promise<void> | void;
}

export interface Plugin<C extends z.ZodType = z.ZodType> {
  readonly id: string;
  readonly apiVersion: number;
  readonly summary: string;
  readonly provides?: readonly ExtensionPoint<unknown>[];
  readonly requires?: readonly ExtensionPoint<unknown>[];
  /** Strict: an unknown key is refused with a near miss. */
  readonly config: C;
  readonly functions?: readonly PluginFunction[];
  /** The plugin's own codes. */
  readonly observations?: Readonly<Record<string, Code>>;
  /** Binds only: no I/O, no resolving, nothing asynchronous. */
  register?(registration: Registration<z.output<C>>): void;
}

/** Types a plugin's manifest; a plugin's module exports it as its default. */
export const definePlugin = <C extends z.ZodType>(plugin: Plugin<C>): Plugin<C> => plugin;
