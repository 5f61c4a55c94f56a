import type { Clock, Engine, FunctionDescription } from "../contract/index.ts";

/** Where text goes: standard output or standard error, or a test's. */
export interface TextOut {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Everything of the world that the command touches, given so that tests run it in process. */
export interface CliHost {
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: TextOut;
  readonly err: TextOut;
  readonly clock: Pick<Clock, "monotonicMs" | "after">;
  /** Fires when the person presses Ctrl-C. */
  readonly signal: AbortSignal;
  readInput(): Promise<string>;
  /** The engine behind a URL; nothing is sent yet. */
  connect(server: { readonly url: string; readonly token: string | null }): Promise<Engine>;
  /** What every server has, known without one. */
  builtIn(): Promise<readonly FunctionDescription[]>;
}
