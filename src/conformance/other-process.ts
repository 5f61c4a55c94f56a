import { type ChildProcess, spawn } from "node:child_process";
import type { DatastoreTask, DatastoreTaskAnswer, NumberedAnswer, NumberedTask } from "./datastore-tasks.ts";
import { ownProcess } from "./kit.ts";
import { straceCommand } from "./power-cut/strace-command.ts";

/** A process that does what it is asked with the plugin under test. */
export class OtherProcess {
  readonly pid: number;
  /** The file that its system calls are written to. */
  readonly trace: string | undefined;
  /** Where in it begins what was done since the plugin was opened. */
  traceBegin = 0;
  /** Resolves when the process is gone. */
  readonly gone: Promise<void>;
  readonly #child: ChildProcess;
  readonly #tasks: DatastoreTask[] = [];
  readonly #waiting = new Map<number, (answer: NumberedAnswer | Error) => void>();

  constructor(
    child: ChildProcess,
    { pid, trace }: { readonly pid: number; readonly trace: string | undefined },
  ) {
    this.#child = child;
    this.pid = pid;
    this.trace = trace;
    this.gone = new Promise((resolve) => child.once("close", () => resolve()));
    child.on("message", (answer: NumberedAnswer) => this.#waiting.get(answer.number)?.(answer));
    child.once("exit", () => this.#fail(new Error("the other process ended without an answer")));
  }

  /** `trace`: the file that its system calls are to be written to; rejects where that can't be had. */
  static async start(trace?: string): Promise<OtherProcess> {
    const { file, execArgv } = ownProcess("datastore-process");
    const tracer = trace === undefined ? [] : straceCommand(trace);
    const [program = "", ...rest] = [...tracer, process.execPath, ...execArgv, file];
    const child = spawn(program, rest, {
      stdio: ["ignore", "inherit", "pipe", "ipc"],
      // What goes through io_uring is no system call of its own.
      env: { ...process.env, UV_USE_IO_URING: "0" },
    });
    return new OtherProcess(child, { pid: await pidOf(child), trace });
  }

  /** What was asked so far; a task's number is its place. */
  get tasks(): readonly DatastoreTask[] {
    return this.#tasks;
  }

  /** Whether it lives and every task has been answered. */
  get idle(): boolean {
    return this.#waiting.size === 0 && this.#child.connected;
  }

  /** Several tasks may be under way. Rejects when the process ends without an answer. */
  async ask(task: DatastoreTask): Promise<DatastoreTaskAnswer> {
    const [answer = {}] = await this.askAtOnce([task]);
    return answer;
  }

  /** The first is under way, however fast it is, while the others are done one after another. */
  askAtOnce(tasks: readonly DatastoreTask[]): Promise<readonly DatastoreTaskAnswer[]> {
    const numbered = tasks.map((task): NumberedTask => ({ number: this.#tasks.push(task) - 1, task }));
    const answers = numbered.map(({ number }) => this.#answerTo(number));
    this.#child.send(numbered, (error) => error && this.#fail(error));
    return Promise.all(answers);
  }

  /** As `kill -9` does; resolves when the process is gone. Killing it again does nothing. */
  async kill(): Promise<void> {
    try {
      process.kill(this.pid, "SIGKILL");
    } catch {
      // It has gone already.
    }
    await this.gone;
  }

  #answerTo(number: number): Promise<DatastoreTaskAnswer> {
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, (answer) => {
        this.#waiting.delete(number);
        if (answer instanceof Error) return reject(answer);
        const { number: _, ...rest } = answer;
        resolve(rest);
      });
    });
  }

  #fail(error: Error): void {
    for (const settle of [...this.#waiting.values()]) settle(error);
  }
}

/** The process's own id, which isn't that of a tracer above it, once it can be asked. */
const pidOf = (child: ChildProcess): Promise<number> =>
  new Promise((resolve, reject) => {
    let complaint = "";
    child.stderr?.on("data", (text) => {
      complaint += text;
    });
    child.once("message", (ready) => resolve((ready as { pid: number }).pid));
    child.once("error", reject);
    child.once("close", (code) => reject(new Error(complaint.trim() || `it ended with ${code}`)));
  });
