import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { CodedError, reasonOf } from "../contract/index.ts";

/** What a plugin can be begun with, and what its conformance run sets: `{tmp}` becomes a folder of each scenario. */
const settings = {
  datastore: "--set root={tmp}",
  "disk-export": "",
  "migration-strategy": "",
  "hash-function": "",
  "error-sink": "--set file={tmp}/reports",
  catalog: "",
  function: "",
} as const satisfies Record<string, string>;

export type Scaffolded = keyof typeof settings;
export const scaffolded = Object.keys(settings) as readonly Scaffolded[];

export interface Scaffold {
  readonly point: Scaffolded;
  readonly name: string;
  /** The folder that is made. */
  readonly folder: string;
  /** Of Pagurus, for which the plugin is made. */
  readonly version: string;
}

/** Text that a template holds wherever the plugin's own belongs; each is good TypeScript, or good JSON, as it stands. */
const placeholders = ({ point, name, version }: Scaffold) =>
  [
    ["MyPlugin", name.replace(/(?:^|-)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())],
    ["my-plugin", name],
    ["MY-SUMMARY", `A ${point.replace("-", " ")} that is still being written`],
    [" MY-SETTINGS", settings[point] && ` ${settings[point]}`],
    ["MY-PAGURUS", `^${version}`],
  ] as const;

const MAX_NAME = 64;

/** Writes the project of a plugin into a new folder, whole or not at all; answers its files. */
export async function writeScaffold(
  scaffold: Scaffold,
  taken: ReadonlySet<string>,
): Promise<readonly string[]> {
  const { name, point, folder } = scaffold;
  refuseName(name, taken);
  const files = [...(await filesOf("common")), ...(await filesOf(point))];
  await makeFolder(folder);
  try {
    for (const { path, text } of files) await writeFilled(join(folder, path), text, scaffold);
  } catch (cause) {
    await rm(folder, { recursive: true, force: true });
    throw new CodedError("plugin-folder-failed", { folder, reason: reasonOf(cause) }, { cause });
  }
  return files.map(({ path }) => path).sort();
}

async function writeFilled(file: string, template: string, scaffold: Scaffold): Promise<void> {
  const text = placeholders(scaffold).reduce(
    (filled, [placeholder, own]) => filled.replaceAll(placeholder, own),
    template,
  );
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

/** Beside `src` and `dist`: of the package, or of the sources. */
const templates = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "../../templates" : "../../../templates", import.meta.url),
);

function refuseName(name: string, taken: ReadonlySet<string>): void {
  const refuse = (problem: string) => {
    throw new CodedError("plugin-name-invalid", { name, problem });
  };
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    refuse("expected lower-case words with `-` between them, beginning with a letter");
  if (name.length > MAX_NAME) refuse(`expected at most ${MAX_NAME} characters`);
  if (taken.has(name)) refuse("Pagurus has a plugin of this name");
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(dirname(folder), { recursive: true });
    await mkdir(folder);
  } catch (cause) {
    const exists = (cause as NodeJS.ErrnoException).code === "EEXIST";
    if (exists) throw new CodedError("plugin-folder-exists", { folder });
    throw new CodedError("plugin-folder-failed", { folder, reason: reasonOf(cause) }, { cause });
  }
}

/** Named otherwise in a template: npm packs no `.gitignore`, and a package has one `package.json`. */
const ownNames: Readonly<Record<string, string>> = {
  gitignore: ".gitignore",
  "manifest.json": "package.json",
};

/** The files of a template, under the paths that they get. */
async function filesOf(
  template: string,
): Promise<readonly { readonly path: string; readonly text: string }[]> {
  const folder = join(templates, template);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    files.map(async (file) => {
      const path = relative(folder, file);
      return { path: ownNames[path] ?? path, text: await readFile(file, "utf8") };
    }),
  );
}
