import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { Json } from "../../contract/index.ts";
import { ownProcess } from "../kit.ts";
import type { PluginRequest } from "../plugin-under-test.ts";

/** A server that stands still when a move comes to a moment, one of the engine's crash points. */
export interface Doomed {
  readonly request: PluginRequest;
  readonly moment: string;
}

/** What the process is asked for, and what it says. */
export interface Call {
  readonly id: number;
  readonly call: string;
  readonly input: Json;
}
export type Said =
  | "ready"
  | "reached"
  | { readonly ended: Json }
  | { readonly id: number; readonly output: Json }
  | { readonly id: number; readonly failure: string };

/** A server for moves in a process of its own, over a folder of its own. */
export class DoomedMoveServer {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  #calls = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#exited = once(child, "exit");
  }

  /** Resolves when it can be called. */
  static async start(doomed: Doomed): Promise<DoomedMoveServer> {
    const { file, execArgv } = ownProcess("moves/doomed-process");
    const child = fork(file, [JSON.stringify(doomed)], { execArgv: [...execArgv] });
    const server = new DoomedMoveServer(child);
    await server.#hear((said) => said === "ready");
    return server;
  }

  /** Calls a function; rejects where it fails, and where the process is killed before it answers. */
  async call<T>(name: string, input: Json): Promise<T> {
    const id = this.#calls++;
    const answer = this.#hear((said) => typeof said === "object" && "id" in said && said.id === id);
    this.#child.send({ id, call: name, input } satisfies Call);
    const said = await answer;
    if (typeof said === "object" && "output" in said) return said.output as T;
    throw new Error(`${name} failed: ${JSON.stringify(said)}`);
  }

  /** Resolves when a move has come to its moment, or with its job where it is over before; to be asked before it begins. */
  async reached(): Promise<Json | undefined> {
    const said = await this.#hear(
      (said) => said === "reached" || (typeof said === "object" && "ended" in said),
    );
    return typeof said === "object" && "ended" in said ? said.ended : undefined;
  }

  /** As `kill -9` does; resolves when the process is gone. Killing it again does nothing. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exited;
  }

  /** The next thing of a kind that the process says. */
  #hear(wanted: (said: Said) => boolean): Promise<Said> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const end = () => {
        child.off("message", hear);
        child.off("exit", gone);
      };
      const gone = () => {
        end();
        reject(new Error("the server's process ended without an answer"));
      };
      const hear = (said: unknown) => {
        if (!wanted(said as Said)) return;
        end();
        resolve(said as Said);
      };
      child.on("message", hear);
      child.once("exit", gone);
    });
  }
}
