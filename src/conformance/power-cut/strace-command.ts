import { callsWithEffects } from "./replay.ts";

/** The calls by which a traced process leaves its marks. */
export const markCalls = ["access", "faccessat", "faccessat2"];
/** By which a process reaches what no file of it tells. */
export const reachCalls = ["connect"];
const processCalls = ["clone", "clone3", "fork", "vfork"];
/** More than any text or buffer that is traced: none may be cut short. */
const MAX_TEXT_BYTES = 64 * 1024 * 1024;

/** The command that runs a process below strace, which appends to `file` what it does to files. */
export const straceCommand = (file: string): readonly string[] => {
  // What this machine doesn't have is left out.
  const traced = [...callsWithEffects, ...markCalls, ...reachCalls, ...processCalls].map(
    (name) => `?${name}`,
  );
  return [
    ...["strace", "-f", "--seccomp-bpf", "-qq", "-xx", "-s", `${MAX_TEXT_BYTES}`, "-o", file],
    ...["-e", `trace=${traced.join(",")}`, "-e", "raw=?read,?readv", "-e", "signal=none"],
  ];
};
