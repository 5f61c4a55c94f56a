import type { ErrorKind } from "../contract/index.ts";

/** What the command's end tells a script. The one table: help prints it too. */
export const exitCodes = {
  ok: { code: 0, meaning: "done; with --wait: the job succeeded" },
  internal: { code: 1, meaning: "the job failed or was cancelled, or something unexpected went wrong" },
  "bad-input": { code: 2, meaning: "the command or its input is not valid, or the token was refused" },
  "not-found": { code: 3, meaning: "something named does not exist" },
  conflict: { code: 4, meaning: "the state of things forbids it" },
  unavailable: { code: 5, meaning: "no server is running, or something it needs cannot be used" },
  cancelled: { code: 130, meaning: "interrupted; a job that was waited for goes on" },
} as const satisfies Record<ErrorKind | "ok", { code: number; meaning: string }>;

export const exitCodeHelp = (): string =>
  [
    "Exit codes:",
    ...Object.values(exitCodes).map(({ code, meaning }) => `  ${String(code).padEnd(4)}${meaning}`),
  ].join("\n");
