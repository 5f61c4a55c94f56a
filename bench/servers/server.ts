import { access } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { CodedError } from "../../src/contract/index.ts";
import { type Program, type StartOptions, startProgram } from "../common/program.ts";

/** An NBD server with one disk, ready for clients. */
export interface NbdServer {
  readonly name: string;
  readonly ours: boolean;
  readonly uri: string;
  /** The process whose processor time counts, with its children. */
  readonly pid: number;
  stop(): Promise<void>;
}

const LOOK_MS = 20;
const LISTENING_MS = 10_000;

export const unixUri = (socket: string, exportName = ""): string =>
  `nbd+unix:///${exportName}?socket=${socket}`;

/** Starts a program that listens on a unix socket, and waits until it does. */
export const startListening = async (
  program: string,
  args: readonly string[],
  { socket, ...options }: StartOptions & { readonly socket: string },
): Promise<Program> => {
  const started = startProgram(program, args, options);
  const isThere = () =>
    access(socket).then(
      () => true,
      () => false,
    );
  let end: unknown;
  started.ended.then(
    (code) => {
      end = code;
    },
    (error: unknown) => {
      end = error;
    },
  );
  for (let waitedMs = 0; !(await isThere()); waitedMs += LOOK_MS) {
    if (end !== undefined || waitedMs >= LISTENING_MS) {
      await started.stop();
      const how = end === undefined ? `did not listen on ${socket}` : `ended with ${String(end)}`;
      throw new CodedError("internal", { reason: `${program} ${how}: ${started.said()}` });
    }
    await sleep(LOOK_MS, undefined, { signal: options.signal });
  }
  return started;
};
