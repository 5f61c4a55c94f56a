import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { PluginRequest } from "./plugin-under-test.ts";

/** What another process can be asked to do with a datastore; bytes are given as what fills them. */
export type DatastoreTask =
  | { readonly do: "open"; readonly layer: string; readonly sizeBytes: number }
  | {
      readonly do: "write";
      readonly layer: string;
      readonly offset: number;
      readonly length: number;
      readonly fill: number;
    }
  | { readonly do: "resize"; readonly layer: string; readonly sizeBytes: number }
  | { readonly do: "flush"; readonly layer: string }
  | { readonly do: "list" };

/** `answer` for `list`: the names of the layers. `code` where the task was refused. */
export interface DatastoreTaskAnswer {
  readonly answer?: readonly string[];
  readonly code?: string;
}

/** A process of its own with the plugin under test in it. */
export interface OtherProcess {
  ask(task: DatastoreTask): Promise<DatastoreTaskAnswer>;
  /** As `kill -9` does; resolves when the process is gone. Killing it again does nothing. */
  kill(): Promise<void>;
}

const next = (child: ChildProcess): Promise<DatastoreTaskAnswer> =>
  new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      child.off("message", answered);
      child.off("exit", gone);
      act();
    };
    const answered = (answer: unknown) => settle(() => resolve(answer as DatastoreTaskAnswer));
    const gone = () => settle(() => reject(new Error("the other process ended without an answer")));
    child.once("message", answered);
    child.once("exit", gone);
  });

/** Starts a process that opens the plugin as this one did. One task at a time. */
export const startOtherProcess = async (request: PluginRequest): Promise<OtherProcess> => {
  const file = import.meta.url.endsWith(".ts") ? "./datastore-process.ts" : "./datastore-process.js";
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), [JSON.stringify(request)]);
  await next(child);
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  return {
    ask: (task) => {
      const answer = next(child);
      child.send(task);
      return answer;
    },
    kill: async () => {
      child.kill("SIGKILL");
      await exited;
    },
  };
};
