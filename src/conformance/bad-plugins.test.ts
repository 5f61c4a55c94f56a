import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Conformance, conform, silent } from "./index.ts";

const bad = (name: string): string => fileURLToPath(new URL(`./testing/${name}.ts`, import.meta.url));

/** Two scenarios of hashes, of which the first makes a digest in parts, and one of datastores. */
const tags = "@rule:digest-ends or @rule:signature-has-its-length or @rule:removing-nothing-is-fine";

const misbehaviours = {
  "throws-in-register": "register: throw",
  "exits-in-register": "register: exit",
  "prints-in-register": "register: print",
  "blocks-in-register": "register: block",
  "throws-in-start": "start: throw",
  "exits-in-start": "start: exit",
  "hangs-in-start": "start: hang",
  "prints-in-start": "start: print",
  "leaves-a-timer": "start: leave-a-timer",
  "throws-when-started-again": "again: throw",
  "throws-in-stop": "stop: throw",
  "exits-in-stop": "stop: exit",
  "hangs-in-stop": "stop: hang",
  "prints-in-scenario": "scenario: print",
  "exits-in-scenario": "scenario: exit",
  "blocks-in-scenario": "scenario: block",
  "rejects-in-scenario": "scenario: reject-unseen",
} as const;
type Name = `hashes.${keyof typeof misbehaviours | "sound"}` | "datastores.changing";

let folder = "";
let conformance: Conformance;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bad-plugins-"));
  const hashes = Object.entries(misbehaviours).map(
    ([name, how]) => `  ${name}: { plugin: misbehaving, ${how} }\n`,
  );
  await writeFile(
    join(folder, "pagurus.yaml"),
    `plugins: [${["misbehaving", "changing", "throws-at-load"].map(bad).join(", ")}]
datastores: { changing: { plugin: changing } }
hashes:
${hashes.join("")}  sound: { plugin: hash-sha256 }
`,
  );
  conformance = await conform({
    configFile: join(folder, "pagurus.yaml"),
    tags,
    parallel: 1,
    report: silent,
    // Only what hangs waits for these; each process has so long to end by itself.
    deadlinesMs: { register: 4_000, start: 4_000, stop: 4_000, scenario: 8_000, exit: 10_000 },
  });
}, 600_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const subject = (name: string) => {
  const found = conformance.subjects.find((one) => one.name === name);
  if (!found) throw new Error(`there is no result of ${name}`);
  return found;
};
const failuresOf = (name: string) =>
  subject(name)
    .results.filter(({ verdict }) => verdict === "failed")
    .map((result) => ({ scenario: result.name, message: result.message ?? "" }));

const comes = "It takes its configuration and binds what it provides";
const starts = "It starts";
const stops = "It stops";
const printsNothing = "It prints nothing";
const lives = "It neither ends the process nor blocks it";

test.each<[Name, string, RegExp]>([
  ["hashes.throws-in-register", comes, /while it was registered.*no such thing.*`register` only binds/s],
  ["hashes.blocks-in-register", comes, /did nothing more for 4000 ms while it was registered/],
  [
    "hashes.exits-in-register",
    comes,
    /process ended \(exit code 3\) while it was registered.*`register` only binds/s,
  ],
  ["hashes.throws-in-start", starts, /hashes\.throws-in-start.*no such thing.*`start` ends or rejects/s],
  ["hashes.exits-in-start", starts, /process ended \(exit code 3\) while it was started.*`start` ends/s],
  ["hashes.hangs-in-start", starts, /did nothing more for 4000 ms while it was started/],
  ["hashes.throws-in-stop", stops, /while it was stopped.*no such thing.*`stop` ends what `start` began/s],
  ["hashes.exits-in-stop", stops, /process ended \(exit code 3\) while it was stopped.*`stop` ends/s],
  ["hashes.hangs-in-stop", stops, /while it was stopped.*`stop` ends what `start` began/s],
])("%s: none of its features is run, and the phase is named", (name, scenario, message) => {
  expect(failuresOf(name)).toEqual([{ scenario, message: expect.stringMatching(message) }]);
  expect(subject(name).coverage.ran).toBe(0);
});

test.each<[Name, string, RegExp]>([
  ["hashes.prints-in-register", printsNothing, /`hello from the plugin` while it was registered.*`Log`/s],
  ["hashes.prints-in-scenario", printsNothing, /`hello from the plugin` while a scenario ran.*`Log`/s],
  ["hashes.prints-in-start", printsNothing, /`hello from the plugin` while it was started.*`Log`/s],
  [
    "hashes.leaves-a-timer",
    "It keeps nothing running after its end",
    /alive after everything was stopped: \d Timeout\. .*in `stop`/s,
  ],
  ["hashes.throws-when-started-again", "It comes and goes again", /started twice.*no such thing/s],
])("%s: its features are run all the same, and pass", (name, scenario, message) => {
  expect(failuresOf(name)).toEqual([{ scenario, message: expect.stringMatching(message) }]);
  expect(subject(name).coverage).toMatchObject({ ran: 2, of: 2 });
});

test.each<[Name, RegExp]>([
  ["hashes.exits-in-scenario", /process ended \(exit code 3\) while a scenario ran/],
  ["hashes.blocks-in-scenario", /did nothing more for 8000 ms while a scenario ran/],
])("%s: the scenario fails, and those after it are run in another process", (name, message) => {
  expect(failuresOf(name)).toEqual([
    {
      scenario: "Nothing is added to a signature that was given, and it isn't given twice",
      message: expect.stringMatching(message),
    },
    { scenario: lives, message: expect.stringMatching(message) },
  ]);
  expect(subject(name).coverage).toMatchObject({ ran: 2, of: 2 });
});

test("what nobody waits for is told as that", () => {
  expect(failuresOf("hashes.rejects-in-scenario")).toEqual([
    {
      scenario: "Nothing is added to a signature that was given, and it isn't given twice",
      message: expect.stringMatching(/^a promise that nobody awaits was rejected: no such thing/),
    },
  ]);
});

test("a capability that changes is named, with what it was and what it is", () => {
  expect(failuresOf("datastores.changing")).toEqual([
    { scenario: expect.any(String), message: expect.stringMatching(/sparse changed from undefined to true/) },
  ]);
});

test("a plugin that can't be loaded is told by its specifier", () => {
  expect(failuresOf(bad("throws-at-load"))).toEqual([
    { scenario: "Its module is a plugin", message: expect.stringMatching(/throws-at-load\.ts.*not today/s) },
  ]);
});

test("whatever the others did, the sound one passes", () => {
  expect(failuresOf("hashes.sound")).toEqual([]);
  expect(subject("hashes.sound").coverage).toMatchObject({ ran: 2, of: 2 });
  expect(conformance.ok).toBe(false);
});

test("plugins that can't be loaded are told one by one, and the sound one beside them passes", async () => {
  const typo = join(folder, "typo.mjs");
  await writeFile(typo, "\n\nexport default {;\n");
  const names = ["no-plugin", "exits-at-load", "hangs-at-load", "nowhere"];
  const { subjects, ok } = await conform({
    plugins: [...names.map(bad), typo, "hash-sha256"],
    tags,
    parallel: 1,
    report: silent,
    deadlinesMs: { load: 12_000 },
  });
  const messages = subjects.map(({ results }) =>
    results.flatMap(({ verdict, message }) => (verdict === "failed" ? [message] : [])),
  );
  expect(messages).toEqual([
    [expect.stringMatching(/is not a plugin.*`id`.*`definePlugin` returns\.$/s)],
    [expect.stringMatching(/process ended \(exit code 0\) while its module was loaded/)],
    [expect.stringMatching(/did nothing more for 12000 ms while its module was loaded/)],
    [expect.stringMatching(/could not be found/)],
    [expect.stringContaining("could not be loaded: Unexpected token ';'; mend that")],
    [],
  ]);
  expect(ok).toBe(false);
}, 300_000);
