import { type ChildProcess, spawn } from "node:child_process";
import { ownProcess } from "./kit.ts";
import type { PluginRequest } from "./plugin-under-test.ts";
import { straceCommand } from "./power-cut/strace-command.ts";

/** What another process can be asked to do with a catalog. */
export type CatalogTask =
  /** Takes the lock and keeps it. */
  | { readonly do: "lock" }
  /** Adds that many accounts in one transaction, and dies at one of its moments, counted from 1. */
  | { readonly do: "add"; readonly accounts: number; readonly dieAt: number }
  /** Adds accounts one after the other, and dies in the very turn in which the last one resolved. */
  | { readonly do: "add-each"; readonly accounts: number }
  /**
   * Makes the table of accounts, and adds two of them in each of so many transactions. In a trace the table is task 0,
   * and the transactions are those that follow.
   */
  | { readonly do: "add-marked"; readonly pairs: number }
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
  /** Ends it when it has done its thing, and resolves when it has gone. */
  end(): Promise<void>;
  /** As `kill -9` does; resolves when the process is gone. Killing it again does nothing. */
  kill(): Promise<void>;
}

/**
 * Starts a process that opens the catalog as this one did, and lets it do the one thing. `trace`: the file that its
 * system calls are written to; it is dead at once where that can't be had.
 */
export const startOtherCatalog = (
  request: PluginRequest,
  task: CatalogTask,
  trace?: string,
): OtherCatalog => {
  const { file, execArgv } = ownProcess("catalog-process");
  const tracer = trace === undefined ? [] : straceCommand(trace);
  const [program = "", ...rest] = [...tracer, process.execPath, ...execArgv, file];
  const child = spawn(program, [...rest, JSON.stringify(request), JSON.stringify(task)], {
    stdio: ["ignore", "inherit", trace === undefined ? "inherit" : "ignore", "ipc"],
    // What goes through io_uring is no system call of its own.
    env: { ...process.env, UV_USE_IO_URING: "0" },
  });
  const exited = new Promise<"dead">((resolve) => {
    child.once("error", () => resolve("dead"));
    child.once("exit", () => resolve("dead"));
  });
  const said = answersOf(child);
  return {
    next: () => said.next(exited),
    async end() {
      if (child.connected) child.disconnect();
      await exited;
    },
    async kill() {
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
