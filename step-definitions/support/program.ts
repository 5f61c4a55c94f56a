import { type ChildProcess, spawn } from "node:child_process";

export interface ProgramOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Is given what it says on standard output, as it comes. */
  readonly hear?: (text: string) => void;
}

/** How a program has ended, and everything that it said. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** A child process whose words are kept. */
export class Program {
  /** Resolves when it has ended and said its last; rejects where it could not be started. */
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  #out = "";
  #err = "";
  #over = false;
  #heard: () => void = () => undefined;

  constructor(command: string, args: readonly string[], { env = {}, cwd, hear }: ProgramOptions = {}) {
    this.#child = spawn(command, args, {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, ...env },
      ...(cwd !== undefined && { cwd }),
    });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#out += text;
      hear?.(text);
      this.#heard();
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#err += text;
    });
    this.ended = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("close", (code, signal) => {
        this.#over = true;
        resolve({ code, signal, out: this.#out, err: this.#err });
        this.#heard();
      });
    });
    this.ended.catch(() => undefined);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** What a person types. */
  type(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  get running(): boolean {
    return !this.#over;
  }

  /** The first match in what it says on standard output; undefined where it ends without. */
  async says(pattern: RegExp): Promise<RegExpExecArray | undefined> {
    for (;;) {
      const found = pattern.exec(this.#out);
      if (found) return found;
      if (!this.running) return undefined;
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
  }

  /** Sends the signal and resolves when it has ended. */
  async kill(signal: NodeJS.Signals): Promise<Ended> {
    if (this.running) this.#child.kill(signal);
    return this.ended;
  }
}

/** Runs a program to its end. */
export const runProgram = (
  command: string,
  args: readonly string[],
  options?: ProgramOptions,
): Promise<Ended> => new Program(command, args, options).ended;
