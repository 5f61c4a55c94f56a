/**
 * `node .ci/check-package.mjs TARBALL FOLDER`: whether the packed package, installed in FOLDER, is what we mean to ship.
 * Prints what isn't right; exit code 0 when everything is.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";

const [tarball, folder] = process.argv.slice(2);
const root = join(folder, "node_modules", "pagurus");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const files = readdirSync(root, { recursive: true }).filter(
  (file) => statSync(join(root, file)).isFile() && !file.startsWith("node_modules"),
);
const problems = [];

// What may be there, and what must.
const allowed =
  /^(bin\/|dist\/(src|plugins|step-definitions\/conformance)\/|features\/|templates\/|LICENSE$|README\.md$|package\.json$)/;
const forbidden =
  /\.test\.|\.map$|^(?!templates\/).*(?<!\.d)\.ts$|(^|\/)\.[^/]|dist\/(src\/[^/]+|plugins\/[^/]+)\/(.+\/)?testing\//;
for (const file of files)
  if (!allowed.test(file) || forbidden.test(file)) problems.push(`${file} must not be in the package`);
for (const file of [
  "LICENSE",
  "README.md",
  "bin/pagurus.cjs",
  "features/conformance/datastore/layers.feature",
])
  if (!files.includes(file)) problems.push(`${file} is missing from the package`);
if ((statSync(join(root, "bin/pagurus.cjs")).mode & 0o111) === 0)
  problems.push("bin/pagurus.cjs is not executable");

// What is there must be reachable from an entry: anything else is a helper of our tests.
const modules = new Set(files.filter((file) => file.endsWith(".js")));
const reached = new Set();
const visit = (module) => {
  if (!modules.has(module) || reached.has(module)) return;
  reached.add(module);
  // The declarations too: a module of types alone is imported by nothing else.
  for (const file of [module, module.replace(/\.js$/, ".d.ts")])
    for (const [, path] of readFileSync(join(root, file), "utf8").matchAll(/"(\.{1,2}\/[^"]+)\.[jt]s"/g))
      visit(`${normalize(join(dirname(module), path))}.js`);
};
const entries = Object.values(manifest.exports).flatMap((entry) => entry.default ?? []);
for (const entry of entries) {
  const [before, after] = normalize(entry).split("*");
  for (const module of modules)
    if (module === before || (after !== undefined && module.startsWith(before) && module.endsWith(after)))
      visit(module);
}
visit("dist/src/cli/main.js");
for (const module of modules) if (module.startsWith("dist/step-definitions/conformance/")) visit(module);
for (const module of modules)
  if (!reached.has(module)) problems.push(`${module} is used by nothing in the package`);

// Decision 12: the sources that our own condition names are not packed.
const { messages } = await publint({
  pack: { tarball: new Uint8Array(readFileSync(tarball)).buffer },
  strict: true,
});
for (const message of messages)
  if (!message.path.includes("@pagurus/source"))
    problems.push(formatMessage(message, manifest) ?? message.code);

for (const problem of problems) console.error(problem);
console.log(`${relative(process.cwd(), tarball)}: ${files.length} files, ${problems.length} problems`);
process.exit(problems.length > 0 ? 1 : 0);
