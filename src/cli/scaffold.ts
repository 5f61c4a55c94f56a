import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
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

/** Writes the project of a plugin into a new folder; answers its files. */
export async function writeScaffold(scaffold: Scaffold, taken: ReadonlySet<string>): Promise<string[]> {
  refuseName(scaffold.name, taken);
  const texts = placeholders(scaffold);
  await makeFolder(scaffold.folder);
  const written: string[] = [];
  for (const part of ["common", scaffold.point])
    for (const { path, text } of await filesOf(join(templates, part))) {
      const file = join(scaffold.folder, path.replace(/^gitignore$/, ".gitignore"));
      await mkdir(dirname(file), { recursive: true });
      await writeFile(
        file,
        texts.reduce((filled, [placeholder, own]) => filled.replaceAll(placeholder, own), text),
        { flag: "wx" },
      );
      written.push(relative(scaffold.folder, file));
    }
  return written.sort();
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

async function filesOf(folder: string): Promise<readonly { readonly path: string; readonly text: string }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    files.map(async (file) => ({ path: relative(folder, file), text: await readFile(file, "utf8") })),
  );
}
