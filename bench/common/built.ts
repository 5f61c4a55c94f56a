import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { refuse } from "../options.ts";

export const projectFolder = fileURLToPath(new URL("../..", import.meta.url));
const main = join(projectFolder, "dist", "src", "cli", "main.js");

/** Refuses to measure what isn't built, or was built from older sources. */
export const demandBuild = async ({ oldBuild }: { readonly oldBuild: boolean }): Promise<void> => {
  const built = await stat(main).catch(() => undefined);
  if (built === undefined) throw refuse("Nothing is built: run `npm run build` first");
  if (oldBuild) return;
  const newest = await newestSource();
  if (newest.atMs > built.mtimeMs)
    throw refuse(
      `${newest.path} is newer than dist: run \`npm run build\` first, or give --old-build to measure it as it is`,
    );
};

const newestSource = async (): Promise<{ path: string; atMs: number }> => {
  let newest = { path: "", atMs: 0 };
  for (const folder of ["src", "plugins"])
    for (const name of await readdir(join(projectFolder, folder), { recursive: true })) {
      if (!name.endsWith(".ts") || name.endsWith(".test.ts")) continue;
      const path = join(folder, name);
      const { mtimeMs } = await stat(join(projectFolder, path));
      if (mtimeMs > newest.atMs) newest = { path, atMs: mtimeMs };
    }
  return newest;
};
