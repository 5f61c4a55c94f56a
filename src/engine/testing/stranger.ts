import { cp, mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../../..", import.meta.url));

/** Puts the plugin of version 1 into a folder where it finds this package; answers how a configuration names it. */
export const installPluginV1 = async (folder: string): Promise<string> => {
  const place = join(folder, "driftwood");
  await cp(fileURLToPath(new URL("./plugin-v1", import.meta.url)), place, { recursive: true });
  await mkdir(join(place, "node_modules"));
  await symlink(repository, join(place, "node_modules", "pagurus"));
  return join(place, "lib", "plugin.js");
};
