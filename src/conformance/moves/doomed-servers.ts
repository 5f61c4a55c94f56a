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
  readonly server: number;
  readonly call: string;
  readonly input: Json;
}
export type Said =
  | "ready"
  | { readonly reached: number }
  | { readonly ended: number; readonly job: Json }
  | { readonly id: number; readonly output: Json }
  | { readonly id: number; readonly failure: string };

/** Servers for moves in a process of their own, each over a folder of its own, which are killed together. */
export class DoomedMoveServers {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  #calls = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#exited = once(child, "exit");
    // Each call and each server has its own.
    child.setMaxListeners(0);
  }

  /** Resolves when all of them can be called. */
  static async start(doomed: readonly Doomed[]): Promise<DoomedMoveServers> {
    const { file, execArgv } = ownProcess("moves/doomed-process");
    const child = fork(file, [JSON.stringify(doomed)], { execArgv: [...execArgv] });
    const servers = new DoomedMoveServers(child);
    await servers.#hear((said) => said === "ready");
    return servers;
  }

  /** Calls a function of the `server`-th; rejects where it fails, and where the process is killed before it answers. */
  async call<T>(server: number, name: string, input: Json): Promise<T> {
    const id = this.#calls++;
    const answer = this.#hear((said) => typeof said === "object" && "id" in said && said.id === id);
    this.#child.send({ id, server, call: name, input } satisfies Call);
    const said = await answer;
    if (typeof said === "object" && "output" in said) return said.output as T;
    throw new Error(`${name} failed: ${JSON.stringify(said)}`);
  }

  /** Resolves when a move of this server has come to its moment, and rejects when it is over; to be asked before it begins. */
  async reached(server: number): Promise<void> {
    const said = await this.#hear(
      (said) =>
        typeof said === "object" &&
        (("reached" in said && said.reached === server) || ("ended" in said && said.ended === server)),
    );
    if (typeof said === "object" && "ended" in said)
      throw new Error(`the move ended before its server was to die: ${JSON.stringify(said.job)}`);
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
        reject(new Error("the servers' process ended without an answer"));
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
