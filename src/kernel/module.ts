import { statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { moduleResolve } from "import-meta-resolve";
import { CodedError, reasonOf } from "../contract/errors.ts";
import { demandApi } from "./manifest.ts";
import { missingIn, notInstalled } from "./missing-package.ts";

/** Imports a stranger's plugin. `source` and `folder` are those of the configuration that names it. */
export async function importPlugin(specifier: string, source: string, folder: string): Promise<unknown> {
  const url = await locate(specifier, source, folder);
  await demandPackageApi(specifier, url);
  try {
    if (/\.[cm]?tsx?$/.test(url)) await readTypeScript();
    return (await import(/* @vite-ignore */ url)) as unknown;
  } catch (cause) {
    const missing = missingIn(cause);
    if (missing) throw await notInstalled(specifier, missing);
    throw new CodedError(
      "plugin-load-failed",
      { specifier, reason: `${reasonOf(cause)}${placeOf(cause)}` },
      { cause },
    );
  }
}

/** ` (/store/plugin.js:7)`: where it was thrown, as far as that is known and its message doesn't say so. */
const placeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return "";
  const stack = error.stack?.replace(error.message, "") ?? "";
  const [, file = "", line] = /(?:file:\/\/|\(|at )(\/[^\s()]+?):(\d+)/.exec(stack) ?? [];
  return file === "" || error.message.includes(file) ? "" : ` (${file}:${line})`;
};

/**
 * Lets this thread import TypeScript from now on. Where the nearest `package.json` has no `"type": "module"`, Node
 * takes a `.ts` file for CommonJS, which has a loader of its own. Each registration would make every later import in
 * this thread slower: there is one.
 */
const readTypeScript = once(async (): Promise<void> => {
  const [modules, commonJs] = await Promise.all([import("tsx/esm/api"), import("tsx/cjs/api")]);
  modules.register();
  commonJs.register();
});

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** A path or a package's name, from the folder of the configuration. */
async function locate(specifier: string, source: string, folder: string): Promise<string> {
  const [wanted, from] = await beginningOf(specifier, folder);
  try {
    return moduleResolve(wanted, pathToFileURL(join(from, "/"))).href;
  } catch (error) {
    const reason = await whyNowhere(specifier, folder, error);
    // Without its cause, which would be told a second time, as something unexpected.
    throw new CodedError("plugin-not-found", { specifier, source, reason });
  }
}

const isPath = (specifier: string): boolean => isAbsolute(specifier) || /^\.\.?(\/|$)/.test(specifier);

async function whyNowhere(specifier: string, folder: string, error: unknown): Promise<string> {
  const path = resolve(folder, specifier);
  const found = statSync(path, { throwIfNoEntry: false });
  if (!isPath(specifier)) return found ? pathless(specifier) : reasonOf(error);
  if (!found) return `there is no ${path}`;
  if (!found.isDirectory()) return reasonOf(error);
  const own = await packageAt(path, specifier);
  if (!own) return `${path} is a folder without a package.json; name the plugin's file`;
  if (own.exports && !own.name) return `${join(path, "package.json")} has no \`name\``;
  if (own.exports || own.main) return reasonOf(error);
  return `${join(path, "package.json")} needs \`exports\`, such as "exports": "./plugin.js"; or name the plugin's file`;
}

const pathless = (path: string): string =>
  `it is looked for among the installed packages, since a path begins with \`./\`; write ./${path}`;

/** What to look for, and from which folder: the folder of a package stands for what the package exports. */
async function beginningOf(specifier: string, folder: string): Promise<readonly [string, string]> {
  if (!isPath(specifier)) return [specifier, folder];
  const path = resolve(folder, specifier);
  const own = await packageAt(path, specifier);
  if (own?.name && own.exports) return [own.name, path];
  // As Node has it of packages that are older than `exports`.
  const main = own && !own.exports && typeof own.main === "string" ? own.main : "";
  return [pathToFileURL(join(path, main)).href, folder];
}

/** Reads `pagurus.api` of the package that the file belongs to, so that a mismatch is told before its code runs. */
async function demandPackageApi(specifier: string, url: string): Promise<void> {
  if (!url.startsWith("file:")) return;
  const found = await packageOf(dirname(fileURLToPath(url)), specifier);
  if (found?.pagurus?.api !== undefined) demandApi(specifier, found.pagurus.api);
}

interface Package {
  readonly name?: string;
  readonly exports?: unknown;
  readonly main?: unknown;
  readonly pagurus?: { readonly api?: unknown } | undefined;
}

async function packageAt(folder: string, specifier: string): Promise<Package | undefined> {
  const path = join(folder, "package.json");
  const text = await readFile(path, "utf8").catch(() => undefined);
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Package);
  } catch (error) {
    throw new CodedError("plugin-invalid", { specifier, problem: `${path} is no JSON: ${reasonOf(error)}` });
  }
}

async function packageOf(folder: string, specifier: string): Promise<Package | undefined> {
  const parent = dirname(folder);
  return (
    (await packageAt(folder, specifier)) ?? (parent === folder ? undefined : packageOf(parent, specifier))
  );
}
