/**
 * `npm test`: everything that must hold, one part after another, each with its own output, and one line at the end
 * that sums them up. The parts that count end with such a line themselves; any other part counts as one.
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { ownPlugins } from "../src/conformance/plugin-under-test.ts";
import type { Minio } from "./minio/minio.ts";
import { environmentFor, provideMinio } from "./minio/provide.ts";

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const parts = [
  "lint",
  "types",
  "deps",
  "unused",
  "api",
  "unit",
  "behaviours",
  "acceptance",
  "acceptance:threads",
  `conform ${Object.keys(ownPlugins)
    .filter((plugin) => plugin !== "datastore-minio") // with a server of its own
    .join(" ")} ./src/engine/functions/plugin.ts`,
  // An export that promises next to nothing: what it must refuse then.
  "conform export-nbd --config plugins/export-nbd/testing/one-reader.yaml",
  "conform:minio",
  "broken",
];

const ownCounts = /^(\d+) passed, (\d+) failed, (\d+) skipped$/;
const vitestCounts = /^ +Tests +(.*) \(\d+\)$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
const colours = /\u001b\[[0-9;]*m/g;

/** What the last summing line of a part says; vitest words its own. */
const countsIn = (line: string): Counts | undefined => {
  const own = ownCounts.exec(line);
  if (own) return { passed: Number(own[1]), failed: Number(own[2]), skipped: Number(own[3]) };
  const words = vitestCounts.exec(line)?.[1];
  if (words === undefined) return undefined;
  const count = (word: string) => Number(new RegExp(`(\\d+) ${word}`).exec(words)?.[1] ?? 0);
  return { passed: count("passed"), failed: count("failed"), skipped: count("skipped") + count("todo") };
};

/** Those that may ask for a real MinIO: one serves them all. */
const usingMinio = ["unit", "acceptance", "acceptance:threads", "conform:minio"];

/** Built where it has to be; where it can't, what needs it says so itself. */
const minioFor = async (wanted: readonly string[]): Promise<Minio | undefined> => {
  if (!wanted.some((part) => usingMinio.includes(part.split(" ")[0] ?? ""))) return undefined;
  try {
    return await provideMinio({ build: true });
  } catch (error) {
    process.stdout.write(`no MinIO: ${error instanceof Error ? error.message : error}\n`);
    return undefined;
  }
};

/** Where an account of a failure begins, in the words of the runners; so many lines of it are shown again at the end. */
const failureBegins = /^ *(FAIL |✖|✗|× |\d+\) Scenario|error )|: error TS|@rule:/;
const ACCOUNT_LINES = 25;
const MOST_LINES = 120;

/** What of a part's output says why it failed. */
const accountOf = (lines: readonly string[]): readonly string[] => {
  const account: string[] = [];
  let left = 0;
  for (const line of lines) {
    if (failureBegins.test(line.replace(colours, ""))) left = ACCOUNT_LINES;
    if (left-- > 0 && line.trim() !== "") account.push(line);
    if (account.length === MOST_LINES) break;
  }
  return account.length > 0 ? account : lines.slice(-ACCOUNT_LINES);
};

const run = async (
  part: string,
  env: Readonly<Record<string, string>>,
): Promise<Counts & { readonly account: readonly string[] }> => {
  process.stdout.write(`\n=== ${part}\n`);
  const [script = "", ...args] = part.split(" ");
  const child = spawn("npm", ["run", "--silent", script, "--", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
  let counts: Counts | undefined;
  const said: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => {
    process.stderr.write(`${line}\n`);
    said.push(line);
  });
  for await (const line of createInterface({ input: child.stdout })) {
    process.stdout.write(`${line}\n`);
    said.push(line);
    counts = countsIn(line.replace(colours, "")) ?? counts;
  }
  const ok = (await ended) === 0;
  const { passed, failed, skipped } = counts ?? { passed: ok ? 1 : 0, failed: 0, skipped: 0 };
  // A part that ends badly without a failure of its own, such as one that ran nothing, is a failure itself.
  return { passed, skipped, failed: ok || failed > 0 ? failed : 1, account: ok ? [] : accountOf(said) };
};

/** A part is wanted as a whole, or by its first word. */
const partsNamed = (name: string): readonly string[] => {
  const found = parts.filter((part) => part === name || part.startsWith(`${name} `));
  return found.length > 0 ? found : [name];
};

const named = process.argv.slice(2).flatMap(partsNamed);
const wanted = named.length > 0 ? named : parts;
const minio = await minioFor(wanted);
if (minio) process.stdout.write(`MinIO is ${minio.how}\n`);
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, async () => {
    await minio?.stop();
    process.exit(1);
  });
let total: Counts = { passed: 0, failed: 0, skipped: 0 };
const bad: string[] = [];
const accounts: string[] = [];
for (const part of wanted) {
  const { passed, failed, skipped, account } = await run(part, minio ? environmentFor(minio) : {});
  total = { passed: total.passed + passed, failed: total.failed + failed, skipped: total.skipped + skipped };
  if (failed === 0) continue;
  bad.push(part);
  accounts.push(`\n--- of ${part}`, ...account);
}
await minio?.stop();
for (const line of accounts) process.stdout.write(`${line}\n`);
process.stdout.write(bad.length > 0 ? `\nfailed: ${bad.join(", ")}\n` : "\n");
process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exit(bad.length > 0 ? 1 : 0);
