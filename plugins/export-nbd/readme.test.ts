import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { NbdConfig } from "./config.ts";
import { contextsOf } from "./meta-contexts.ts";
import {
  Chunk,
  Command,
  CommandFlag,
  Errno,
  HandshakeFlag,
  Info,
  Option,
  OptionReply,
  TransmissionFlag,
} from "./protocol.ts";

const here = new URL("./", import.meta.url);
const readme = readFileSync(new URL("README.md", here), "utf8");

/** The rows of the table under a heading, cell by cell. */
const rowsUnder = (heading: string): readonly (readonly string[])[] => {
  const [, section = ""] = readme.split(`### ${heading}\n`);
  const [table = ""] = section.split(/^#/m);
  const lines = table.split("\n").filter((line) => line.startsWith("| "));
  return lines.slice(2).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
};

/** `5`, or `2^31 + 5`. */
const numberIn = (cell: string): number => {
  const [, exponent, rest] = /^2\^(\d+) \+ (\d+)$/.exec(cell) ?? [];
  return exponent === undefined ? Number(cell) : 2 ** Number(exponent) + Number(rest);
};
const bits = (flags: Readonly<Record<string, number>>): number[] => Object.values(flags).map(Math.log2);
const { none, ...errors } = Errno;

const tables: readonly (readonly [string, readonly number[]])[] = [
  ["Handshake flags", Object.values(HandshakeFlag)],
  ["Options", Object.values(Option)],
  ["Replies to options", Object.values(OptionReply)],
  ["Information", Object.values(Info)],
  ["Transmission flags, by bit", bits(TransmissionFlag)],
  ["Commands", Object.values(Command)],
  ["Command flags, by bit", bits(CommandFlag)],
  ["Chunks of replies", Object.values(Chunk)],
  ["Errors", Object.values(errors)],
];

it.each(tables)(
  "the README's table of %s has every number of the protocol, and no other",
  (heading, numbers) => {
    const rows = rowsUnder(heading);
    expect(rows.map(([, number = ""]) => numberIn(number))).toEqual([...numbers]);
    expect(new Set(rows.map(([name]) => name)).size).toBe(rows.length);
  },
);

it("the README's table of metadata contexts has each", () => {
  const named = contextsOf(-1).map(({ name }) => `\`${name}\``);
  expect(rowsUnder("Metadata contexts").map(([name]) => name)).toEqual(named);
});

it("the README's example of a configuration has every setting", () => {
  const [, example = ""] = /^```yaml\n(.+?)^```/ms.exec(readme) ?? [];
  const settings = new Set([...example.matchAll(/^ {4}(\w+):/gm)].map(([, key]) => key));
  expect([...settings].toSorted()).toEqual([...Object.keys(NbdConfig.shape), "plugin"].toSorted());
});

it("each row of the README's tables names a scenario or a unit test that there is", () => {
  const feature = readFileSync(new URL("../../features/exports/nbd-protocol.feature", here), "utf8");
  const scenarios = new Set(
    [...feature.matchAll(/^ *Scenario(?: Outline)?: (.+)$/gm)].map(([, name]) => name),
  );
  const tests = readdirSync(here)
    .filter((file) => file.endsWith(".test.ts") && !import.meta.url.endsWith(file))
    .map((file) => readFileSync(new URL(file, here), "utf8"));
  const shown = [...tables.map(([heading]) => heading), "Metadata contexts"].flatMap((heading) =>
    rowsUnder(heading).map((row) => row.at(-1) ?? ""),
  );
  const missing = shown.filter(
    (name) => !scenarios.has(name) && !tests.some((text) => text.includes(`it("${name}"`)),
  );
  expect(missing).toEqual([]);
});
