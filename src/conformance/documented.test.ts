import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { packageRoot } from "./kit.ts";
import { usualDeadlines } from "./phases.ts";

const run = promisify(execFile);
const page = await readFile(join(packageRoot, "docs/conformance.md"), "utf8");

let project = "";
beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), "stranger-"));
  await mkdir(join(project, "node_modules"));
  await symlink(packageRoot, join(project, "node_modules/pagurus"));
  await writeFile(join(project, "package.json"), '{ "type": "module" }');
});
afterEach(() => rm(project, { recursive: true, force: true }));

/** Runs the page's example in a stranger's project, over this plugin. */
const example = async (plugin: string): Promise<{ readonly code: number; readonly out: string }> => {
  const [, text = ""] = /```ts\n(.*?)```/s.exec(page) ?? [];
  await writeFile(join(project, "example.test.ts"), text);
  await writeFile(join(project, "plugin.ts"), `export { default } from ${JSON.stringify(plugin)};\n`);
  const tsx = createRequire(import.meta.url).resolve("tsx");
  const args = ["--import", tsx, "--conditions=@pagurus/source", "--test", "example.test.ts"];
  // A test runner of Node's that was started by another would report to that one.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return run(process.execPath, args, { cwd: project, env }).then(
    ({ stdout }) => ({ code: 0, out: stdout }),
    (error: { code: number; stdout: string }) => ({ code: error.code, out: error.stdout }),
  );
};

test("the page's example passes with a sound plugin and fails with a broken one, saying why", async () => {
  const sound = await example("pagurus/plugins/hash-sha256");
  expect({ code: sound.code, passed: /^# pass 1$/m.test(sound.out) }, sound.out).toEqual({
    code: 0,
    passed: true,
  });
  const broken = await example(join(packageRoot, "src/conformance/broken/hash-function/digest-ends.ts"));
  expect(broken.code).toBe(1);
  expect(broken.out).toContain("A digest that has ended refuses");
}, 300_000);

test("the page's deadlines are those in force", () => {
  const { load, register, start, stop, scenario } = usualDeadlines;
  const seconds = [load, register, start, scenario].map((ms) => `${ms / 1000} s`);
  expect(stop).toBe(start);
  expect(page).toContain(
    `${seconds[0]} to load, ${seconds[1]} to register, ${seconds[2]} to start and to stop, ${seconds[3]} for each step`,
  );
});
