import { expect, test } from "vitest";
import { Replay } from "./replay.ts";
import { callsOf } from "./strace-text.ts";
import type { Fate } from "./versions.ts";
import type { DirectoryState } from "./volatile-tree.ts";

const nothing: Fate = { value: () => 0, change: () => false };
const everything: Fate = { value: (count) => count - 1, change: () => true };
const namesOnly: Fate = { value: () => 0, change: () => true };

const hex = (text: string) =>
  `"${[...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")}"`;

const replayed = (...lines: readonly string[]): Replay => {
  const replay = new Replay(callsOf(lines.map((line) => `7  ${line}`).join("\n")), { root: "/s", cwd: "/" });
  replay.advance(Number.POSITIVE_INFINITY);
  return replay;
};

/** The texts of the files, by name. */
const texts = (state: DirectoryState): Record<string, string> =>
  Object.fromEntries(
    [...state].map(([name, entry]) => {
      if (entry instanceof Map) return [name, JSON.stringify(texts(entry))];
      const bytes = Buffer.alloc(entry.sizeBytes);
      for (const [index, sector] of entry.sectors) bytes.set(sector, index * 512);
      return [name, bytes.toString()];
    }),
  );

const create = (name: string, fd: number) =>
  `openat(AT_FDCWD, ${hex(`/s/${name}`)}, O_WRONLY|O_CREAT, 0600) = ${fd}`;
const openRoot = `openat(AT_FDCWD, ${hex("/s")}, O_RDONLY) = 9`;

test("a synced file whose name wasn't synced may be gone", () => {
  const { tree } = replayed(create("a", 3), `write(3, ${hex("abc")}, 3) = 3`, "fsync(3) = 0");
  expect(texts(tree.survivor(nothing))).toEqual({});
  expect(texts(tree.survivor(namesOnly))).toEqual({ a: "abc" });
});

test("a name below an open folder's descriptor is one in that folder", () => {
  const { tree } = replayed(
    openRoot,
    `openat(AT_FDCWD, ${hex("/proc/self/fd/9/a")}, O_WRONLY|O_CREAT, 0600) = 3`,
    `write(3, ${hex("abc")}, 3) = 3`,
    "fsync(3) = 0",
    `link(${hex("/proc/self/fd/9/a")}, ${hex("/proc/self/fd/9/b")}) = 0`,
    `unlink(${hex("/proc/self/fd/9/a")}) = 0`,
    "fsync(9) = 0",
  );
  expect(texts(tree.survivor(nothing))).toEqual({ b: "abc" });
});

test("what was written after a sync had begun is not covered by it", () => {
  const calls = [
    `7  ${create("a", 3)}`,
    `7  ${openRoot}`,
    "7  fsync(9) = 0",
    `7  pwrite64(3, ${hex("abc")}, 3, 0) = 3`,
    "8  fdatasync(3 <unfinished ...>",
    `7  pwrite64(3, ${hex("x")}, 1, 512) = 1`,
    "8  <... fdatasync resumed>) = 0",
  ];
  const replay = new Replay(callsOf(calls.join("\n")), { root: "/s", cwd: "/" });
  replay.advance(6);
  expect(texts(replay.tree.survivor(nothing))).toEqual({ a: "" });
  replay.advance(7);
  expect(texts(replay.tree.survivor(nothing))).toEqual({ a: "abc" });
});

test("a file that takes another's place without a sync of the folder may be either, and a synced one is there", () => {
  const lines = [
    create("a", 3),
    `write(3, ${hex("old")}, 3) = 3`,
    "fsync(3) = 0",
    openRoot,
    "fsync(9) = 0",
    create("b", 4),
    `write(4, ${hex("new")}, 3) = 3`,
    "fsync(4) = 0",
    `rename(${hex("/s/b")}, ${hex("/s/a")}) = 0`,
  ];
  const { tree } = replayed(...lines);
  expect(texts(tree.survivor(nothing))).toEqual({ a: "old" });
  expect(texts(tree.survivor(everything))).toEqual({ a: "new" });
  expect(texts(replayed(...lines, "fsync(9) = 0").tree.survivor(nothing))).toEqual({ a: "new" });
});

test("what failed did nothing, and what a trace doesn't show is told", () => {
  const { tree, unseen } = replayed(
    create("a", 3),
    `write(3, ${hex("abc")}, 3) = -1 ENOSPC (No space left on device)`,
    "mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED, 3, 0) = 0x7f0000000000",
  );
  expect(texts(tree.survivor(everything))).toEqual({ a: "" });
  expect([...unseen]).toEqual(["writes to files through mapped memory"]);
});

test("what was cut off and what was punched may still be there, until it is synced", () => {
  const lines = [create("a", 3), openRoot, "fsync(9) = 0", `write(3, ${hex("abc")}, 3) = 3`, "fsync(3) = 0"];
  const cut = [...lines, "ftruncate(3, 1) = 0", "ftruncate(3, 3) = 0"];
  expect(texts(replayed(...cut).tree.survivor(nothing))).toEqual({ a: "abc" });
  expect(texts(replayed(...cut).tree.survivor(everything))).toEqual({ a: "a\0\0" });
  expect(texts(replayed(...cut, "fdatasync(3) = 0").tree.survivor(nothing))).toEqual({ a: "a\0\0" });
});
