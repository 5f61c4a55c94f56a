import { expect, test } from "vitest";
import { bytesOf, callsOf } from "./strace-text.ts";

test("a call has its arguments, its answer and its lines, also where others came in between", () => {
  const text = [
    String.raw`7  openat(AT_FDCWD, "\x2f\x61", O_RDWR|O_CREAT, 0600) = 21`,
    String.raw`7  pwritev(21, [{iov_base="\x61\x62", iov_len=2}, {iov_base="\x2c", iov_len=1}], 2, 512 <unfinished ...>`,
    String.raw`8  fdatasync(21)   = -1 EIO (Input/output error) (INJECTED)`,
    String.raw`7  <... pwritev resumed>) = 3`,
    String.raw`8  --- SIGCHLD {si_signo=SIGCHLD} ---`,
    String.raw`9  clone3({flags=CLONE_VM|CLONE_FILES, exit_signal=0} => {parent_tid=[10]}, 88) = 10`,
  ].join("\n");
  const [open, write, sync, clone] = callsOf(text);
  expect(open).toMatchObject({ pid: 7, name: "openat", begun: 0, ended: 0, result: 21 });
  expect(open?.args).toEqual(["AT_FDCWD", String.raw`"\x2f\x61"`, "O_RDWR|O_CREAT", "0600"]);
  expect(write).toMatchObject({ name: "pwritev", begun: 1, ended: 3, result: 3 });
  expect(bytesOf(write?.args[1]).toString()).toBe("ab,");
  expect(write?.args[3]).toBe("512");
  expect(sync).toMatchObject({ pid: 8, result: -1 });
  expect(clone).toMatchObject({ result: 10 });
});

test("what the end of the process cut short has no answer", () => {
  const calls = callsOf(["7  fsync(3) = ?", "8  fsync(4 <unfinished ...>"].join("\n"));
  expect(calls).toMatchObject([
    { args: ["3"], result: undefined, ended: Number.POSITIVE_INFINITY },
    { args: ["4"], result: undefined, ended: Number.POSITIVE_INFINITY },
  ]);
});
