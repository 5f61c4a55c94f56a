/**
 * `npm run api`: what the public entries export is what `docs/api` says, and everything of it is documented. What was
 * changed on purpose is written there with `npm run api -- --write`, and reviewed with the rest of the change.
 */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { apiOf } from "./api/api-of.ts";
import { declarationsOf } from "./api/declarations.ts";
import { undocumentedIn } from "./api/undocumented.ts";

/** The public entries, by the last part of the name that imports them. */
const entries: Readonly<Record<string, string>> = {
  pagurus: "src/contract/index",
  engine: "src/engine/index",
  edge: "src/edge/index",
  native: "src/native/index",
  testing: "src/testing/index",
  conformance: "src/conformance/index",
  steps: "src/conformance/steps",
};

/** `pagurus/plugins/*`: they have no report while they export a manifest alone. */
const plugins = (await readdir("plugins")).map((id) => `plugins/${id}/plugin`);

const write = process.argv.includes("--write");
const program = declarationsOf([...Object.values(entries), ...plugins].map((entry) => `${entry}.ts`));
const problems: string[] = [];
for (const [name, entry] of Object.entries(entries)) {
  const specifier = name === "pagurus" ? name : `pagurus/${name}`;
  const api = apiOf(program, `${entry}.d.ts`);
  const text = `# \`${specifier}\`\n\nWritten by \`npm run api -- --write\`.\n\n\`\`\`ts\n${api.text}\`\`\`\n`;
  const file = join("docs/api", `${name}.api.md`);
  if (write) await writeFile(file, text);
  else if ((await readFile(file, "utf8").catch(() => "")) !== text)
    problems.push(`${specifier} is not what ${file} says; renew it with \`npm run api -- --write\``);
  for (const what of undocumentedIn(api.exported, program.getTypeChecker()))
    problems.push(`${specifier}: ${what} is not documented`);
}
for (const plugin of plugins)
  for (const name of apiOf(program, `${plugin}.d.ts`).exported.keys())
    if (name !== "default") problems.push(`pagurus/${plugin}: it exports ${name} beside its manifest`);
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exit(problems.length > 0 ? 1 : 0);
