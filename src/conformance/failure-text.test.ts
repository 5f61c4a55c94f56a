import { expect, test } from "vitest";
import type { ConformOptions } from "./conformance.ts";
import { repeatCommand } from "./failure-text.ts";
import type { ScenarioResult } from "./tally.ts";

const subject = { name: "store", specifier: "./store.ts", plugin: "store", point: "datastore" };
const failed = (tags: readonly string[]): ScenarioResult => ({
  ...{ name: "a", feature: "b", where: "c:1", tags, verdict: "failed", logs: [], durationMs: 1, seed: 7 },
  rule: { name: "goes-when-told", title: "It goes" },
});

test.each<[string, ConformOptions, readonly string[], string]>([
  [
    "its configuration",
    { config: { root: "{tmp}", name: "it's", port: "1" } },
    [],
    `--set 'root={tmp}' --set 'name=it'\\''s' --set 'port="1"' --point datastore --tags @rule:goes-when-told --seed 7`,
  ],
  [
    "what is otherwise on another host",
    { configFile: "pagurus.yaml", otherHost: { endpoint: "http://b:9000", tls: { on: false } } },
    [],
    `--config pagurus.yaml --other-host endpoint=http://b:9000 --other-host 'tls={"on":false}' --point datastore --tags @rule:goes-when-told --seed 7`,
  ],
  [
    "the scenarios among which the plugin broke what the kit itself looks after",
    { tags: "@rule:a or @rule:b", thorough: true },
    ["@plugin"],
    "--point datastore --tags '@rule:a or @rule:b' --seed 7 --thorough",
  ],
])("a failure is repeated with %s", (_what, options, tags, words) => {
  expect(repeatCommand(options, subject, failed(tags))).toBe(`pagurus conform ./store.ts ${words}`);
});

test("a failure of a plugin that doesn't provide the point asked for is repeated with that point", () => {
  const words = "--point catalog --tags @rule:goes-when-told --seed 7";
  const repeat = repeatCommand({ point: "catalog" }, { ...subject, point: "" }, failed([]));
  expect(repeat).toBe(`pagurus conform ./store.ts ${words}`);
});
