import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Json } from "../../contract/index.ts";
import type { PluginRequest } from "../plugin-under-test.ts";

/** What the process is asked for, and what it says. */
export interface Call {
  readonly call: string;
  readonly input: Json;
}
export type Said = "ready" | "reached" | { readonly output: Json } | { readonly failure: string };

/** A server for moves in a process of its own, which stands still at one moment of its moves and is killed there. */
export interface DoomedMoveServer {
  /** One call at a time. */
  call<T>(name: string, input: Json): Promise<T>;
  /** Resolves when a move has come to the moment. */
  readonly reached: Promise<void>;
  /** As `kill -9` does; resolves when the process is gone. Killing it again does nothing. */
  kill(): Promise<void>;
}

/** `moment`: one of the engine's crash points. */
export async function startDoomedMoveServer(
  request: PluginRequest,
  moment: string,
): Promise<DoomedMoveServer> {
  const file = import.meta.url.endsWith(".ts") ? "./doomed-process.ts" : "./doomed-process.js";
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), [JSON.stringify(request), moment]);
  const exited = once(child, "exit");
  await heard(child, (said) => said === "ready");
  const reached = heard(child, (said) => said === "reached").then(() => undefined);
  reached.catch(() => undefined);
  return {
    reached,
    async call<T>(name: string, input: Json) {
      const answer = heard(child, (said) => typeof said === "object");
      child.send({ call: name, input } satisfies Call);
      const said = (await answer) as Exclude<Said, string>;
      if ("failure" in said) throw new Error(`${name} failed: ${said.failure}`);
      return said.output as T;
    },
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

/** The next thing of a kind that the process says. */
const heard = (child: ChildProcess, wanted: (said: Said) => boolean): Promise<Said> =>
  new Promise((resolve, reject) => {
    const gone = () => reject(new Error("the server's process ended without an answer"));
    const hear = (said: unknown) => {
      if (!wanted(said as Said)) return;
      child.off("message", hear);
      child.off("exit", gone);
      resolve(said as Said);
    };
    child.on("message", hear);
    child.once("exit", gone);
  });
