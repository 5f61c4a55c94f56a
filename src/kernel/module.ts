import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { moduleResolve } from "import-meta-resolve";
import { CodedError, reasonOf } from "../contract/errors.ts";
import { demandApi } from "./manifest.ts";

/** Imports a stranger's plugin. `source` and `folder` are those of the configuration that names it. */
export async function importPlugin(specifier: string, source: string, folder: string): Promise<unknown> {
  const url = locate(specifier, source, folder);
  await demandPackageApi(specifier, url);
  try {
    if (/\.[cm]?tsx?$/.test(url)) await readTypeScript();
    return (await import(/* @vite-ignore */ url)) as unknown;
  } catch (cause) {
    throw new CodedError(
      "plugin-invalid",
      { specifier, problem: `it could not be loaded: ${reasonOf(cause)}` },
      { cause },
    );
  }
}

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
function locate(specifier: string, source: string, folder: string): string {
  try {
    return moduleResolve(
      isAbsolute(specifier) ? pathToFileURL(specifier).href : specifier,
      pathToFileURL(join(folder, "pagurus.yaml")),
    ).href;
  } catch (cause) {
    throw new CodedError("plugin-not-found", { specifier, source, reason: reasonOf(cause) }, { cause });
  }
}

/** Reads `pagurus.api` of the package that the file belongs to, so that a mismatch is told before its code runs. */
async function demandPackageApi(specifier: string, url: string): Promise<void> {
  if (!url.startsWith("file:")) return;
  const found = await packageOf(dirname(fileURLToPath(url)));
  if (found?.pagurus?.api !== undefined) demandApi(specifier, found.pagurus.api);
}

interface Package {
  readonly pagurus?: { readonly api?: unknown } | undefined;
}

async function packageOf(folder: string): Promise<Package | undefined> {
  const text = await readFile(join(folder, "package.json"), "utf8").catch(() => undefined);
  if (text !== undefined) return JSON.parse(text) as Package;
  const parent = dirname(folder);
  return parent === folder ? undefined : packageOf(parent);
}
