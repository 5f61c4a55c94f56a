import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { PluginRequest } from "./plugin-under-test.ts";

/** What another process can be asked to do with a catalog. */
export type CatalogTask =
  /** Takes the lock and keeps it. */
  | { readonly do: "lock" }
  /** Adds that many accounts in one transaction, and dies at one of its moments, counted from 1. */
  | { readonly do: "add"; readonly accounts: number; readonly dieAt: number }
  /** Adds accounts one after the other, and dies in the very turn in which the last one resolved. */
  | { readonly do: "add-each"; readonly accounts: number }
  /** Adds two accounts in each transaction, says after each how many there were, and never ends. */
  | { readonly do: "add-pairs" }
  /** Opens it as a server does, and dies at one of the moments of its transactions, counted from 1. */
  | { readonly do: "open-tables"; readonly dieAt: number };

/** `code` where it was refused, `pairs` for each transaction of `add-pairs`. */
export interface CatalogAnswer {
  readonly code?: string;
  readonly pairs?: number;
}

/** A process of its own with the catalog under test in it. */
export interface OtherCatalog {
  /** What it says next. `dead` once it has died, by its own hand or another's. */
  next(): Promise<CatalogAnswer | "dead">;
  /** As `kill -9` does; resolves when the process is gone. Killing it again does nothing. */
  kill(): Promise<void>;
}

/** Starts a process that opens the catalog as this one did, and lets it do the one thing. */
export const startOtherCatalog = (request: PluginRequest, task: CatalogTask): OtherCatalog => {
  const file = import.meta.url.endsWith(".ts") ? "./catalog-process.ts" : "./catalog-process.js";
  const given = [JSON.stringify(request), JSON.stringify(task)];
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), given);
  const exited = new Promise<"dead">((resolve) => child.once("exit", () => resolve("dead")));
  const said = answersOf(child);
  return {
    next: () => said.next(exited),
    kill: async () => {
      child.kill("SIGKILL");
      await exited;
    },
  };
};

/** What the child says, in order, none lost between two questions. */
const answersOf = (child: ChildProcess) => {
  const waiting: CatalogAnswer[] = [];
  let wake = (): void => undefined;
  child.on("message", (answer) => {
    waiting.push(answer as CatalogAnswer);
    wake();
  });
  return {
    async next(exited: Promise<"dead">): Promise<CatalogAnswer | "dead"> {
      const heard = new Promise<void>((resolve) => {
        wake = resolve;
      });
      if (waiting.length === 0) await Promise.race([heard, exited]);
      return waiting.shift() ?? "dead";
    },
  };
};
