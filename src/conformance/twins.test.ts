import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { AstBuilder, compile, GherkinClassicTokenMatcher, Parser } from "@cucumber/gherkin";
import { expect, test } from "vitest";
import { featuresOf, knownPoints, packageRoot } from "./kit.ts";

/** Nobody can ask for these, so nobody can be refused them: decision 34. */
const neverAskedFor: Readonly<Record<string, readonly string[]>> = {
  datastore: [
    "durability",
    "durability-local",
    "durability-remote",
    "exclusive-open",
    "fences-writers",
    "prefix-consistent",
  ],
};

/** How the features word that a promise isn't there: to a client of an export its protocol tells it. */
const refusal = /capability-missing|EPERM|turned away|can't be asked/;

const scenariosOf = (point: string) => {
  let ids = 0;
  const newId = () => `${ids++}`;
  const parser = new Parser(new AstBuilder(newId), new GherkinClassicTokenMatcher());
  const folder = join(packageRoot, dirname(featuresOf(point)));
  return readdirSync(folder).flatMap((name) =>
    compile(parser.parse(readFileSync(join(folder, name), "utf8")), name, newId),
  );
};

test.each(knownPoints())("%s: where a capability isn't promised, what needs it must be refused", (point) => {
  const scenarios = scenariosOf(point);
  const named = (kind: "capability" | "without", of = scenarios) =>
    new Set(of.flatMap(({ tags }) => tags.flatMap(({ name }) => name.split(`@${kind}:`)[1] ?? [])));
  const twins = named(
    "without",
    scenarios.filter(({ steps }) => steps.some(({ text }) => refusal.test(text))),
  );
  const alone = [...named("capability")].filter((name) => !twins.has(name)).sort();
  expect(scenarios.length).toBeGreaterThan(0);
  expect(alone).toEqual(neverAskedFor[point] ?? []);
});
