import { readFile } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { CodedError } from "../contract/errors.ts";

/** A package that a plugin imports and that isn't there. */
interface MissingPackage {
  readonly package: string;
  /** The file that imports it. */
  readonly file: string;
}

/** What Node says of an import, or a `require`, of a package that it does not find. */
export const missingIn = (error: unknown): MissingPackage | undefined => {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  if (error.code !== "ERR_MODULE_NOT_FOUND" && error.code !== "MODULE_NOT_FOUND") return undefined;
  const [, wanted = "", importer] =
    /^Cannot find (?:package|module) '([^']+)'(?: imported from (.+))?/.exec(error.message) ?? [];
  const required = "requireStack" in error && Array.isArray(error.requireStack) ? error.requireStack[0] : "";
  const file = importer ?? String(required);
  const [, name] = /^((?:@[\w.~-]+\/)?[a-zA-Z0-9~_-][\w.~-]*)(?:\/|$)/.exec(wanted) ?? [];
  if (name === undefined || file === "") return undefined;
  return { package: name, file: file.startsWith("file:") ? fileURLToPath(file) : file };
};

/** With the command that installs it, and where that is to be run. */
export const notInstalled = async (specifier: string, missing: MissingPackage): Promise<CodedError> => {
  // What an installed package lacks is installed with it, where that one was.
  const [outside = ""] = missing.file.split(`${sep}node_modules${sep}`);
  const start = outside === missing.file ? dirname(outside) : outside;
  const { folder, declared } = await projectOf(start);
  const isDeclared = outside !== missing.file || declared.has(missing.package);
  const command = isDeclared ? "npm install" : `npm install ${missing.package}`;
  return new CodedError("plugin-dependency-missing", { specifier, ...missing, command, folder });
};

interface Project {
  readonly folder: string;
  /** The packages that it says it needs. */
  readonly declared: ReadonlySet<string>;
}

/** The nearest folder with a `package.json`; the one where the search began if there is none. */
const projectOf = async (start: string): Promise<Project> => {
  for (let folder = start; ; folder = dirname(folder)) {
    const text = await readFile(join(folder, "package.json"), "utf8").catch(() => undefined);
    if (text !== undefined) return { folder, declared: declaredIn(JSON.parse(text)) };
    if (dirname(folder) === folder) return { folder: start, declared: new Set() };
  }
};

const declaredIn = (own: Readonly<Record<string, object | undefined>>): ReadonlySet<string> =>
  new Set(
    ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"].flatMap((kind) =>
      Object.keys(own[kind] ?? {}),
    ),
  );
