import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { JsonObject } from "../../src/contract/index.ts";

const BROKEN = "src/conformance/broken";

/** A plugin that breaks one rule, in a file named after it; `--` and more, where one rule can be broken in several ways. */
export interface BrokenPlugin {
  readonly point: string;
  readonly rule: string;
  readonly path: string;
  /** What is wrong with it, from the comment on its export. */
  readonly fault: string;
  readonly config: JsonObject;
  /** Names of scenarios of other rules that fail as well. */
  readonly alsoCaughtBy: readonly string[];
}

const comment = /\/\*\*((?:[^*]|\*(?!\/))*)\*\/\s*export default/;

const faultIn = (source: string): string =>
  (comment.exec(source)?.[1] ?? "")
    .replace(/^\s*\* ?/gm, " ")
    .replace(/\s+/g, " ")
    .trim();

const read = async (point: string, file: string): Promise<BrokenPlugin> => {
  const path = join(BROKEN, point, file);
  const module: { readonly config?: JsonObject; readonly alsoCaughtBy?: readonly string[] } = await import(
    pathToFileURL(path).href
  );
  return {
    point,
    path,
    rule: file.replace(/(--.*)?\.ts$/, ""),
    fault: faultIn(await readFile(path, "utf8")),
    config: module.config ?? {},
    alsoCaughtBy: module.alsoCaughtBy ?? [],
  };
};

const foldersIn = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder, { withFileTypes: true }))
    .flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
    .sort();

/** All of them, or those of `point`, or of `point/rule`. */
export const brokenPlugins = async (wanted: readonly string[]): Promise<readonly BrokenPlugin[]> => {
  const all: BrokenPlugin[] = [];
  for (const point of await foldersIn(BROKEN))
    for (const file of (await readdir(join(BROKEN, point))).sort())
      if (file.endsWith(".ts") && !file.startsWith("over")) all.push(await read(point, file));
  const named = ({ point, rule }: BrokenPlugin) =>
    wanted.length === 0 || wanted.some((name) => name === point || name === `${point}/${rule}`);
  return all.filter(named);
};
