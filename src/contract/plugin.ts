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
  /**
   * Does I/O; called again after it succeeded it does nothing. What it requires has started, and nothing is asked of
   * the object before it resolves. The signal fires at its deadline, whose passing is a failure to start
   * (`plugin-start-timeout`).
   */
  start?(options: { readonly signal: AbortSignal }): Promise<void> | void;
  /**
   * Ends everything that `start` began, also one that failed or is under way; never throws for something already
   * gone, and called again does nothing. What requires the object has stopped before. It has a deadline too.
   */
  stop?(): Promise<void> | void;
}

/**
 * A plugin as data, and one function that binds. Importing its module does nothing else: help and checks read it
 * without starting anything.
 */
export interface Plugin<C extends z.ZodType = z.ZodType> {
  /** Lower-case letters, digits and `-`: what configurations call it by. */
  readonly id: string;
  /** The `API_VERSION` that it was written against; `package.json#pagurus.api` repeats it. */
  readonly apiVersion: number;
  /** One line for lists. */
  readonly summary: string;
  /** The points that every instance binds an object to, and no others. */
  readonly provides?: readonly ExtensionPoint<unknown>[];
  /** Points and host services without which it can't be: refused before anything starts where one is missing. */
  readonly requires?: readonly ExtensionPoint<unknown>[];
  /** Strict: an unknown key is refused with a near miss. */
  readonly config: C;
  /** Offered once, however many instances there are. */
  readonly functions?: readonly PluginFunction[];
  /** The plugin's own codes, by kebab-case code; one of ours can't be replaced. */
  readonly observations?: Readonly<Record<string, Code>>;
  /** Binds only: no I/O, no resolving, nothing asynchronous. */
  register?(registration: Registration<z.output<C>>): void;
}

/** Types a plugin's manifest; a plugin's module exports it as its default. */
export const definePlugin = <C extends z.ZodType>(plugin: Plugin<C>): Plugin<C> => plugin;
