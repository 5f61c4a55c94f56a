import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** The unit of `stat`'s blocks, whatever the file system's own is. */
const statBlockBytes = 512;

/** The space that everything in the folder takes; what goes away meanwhile takes none. */
export const spaceIn = async (folder: string): Promise<number> => {
  let taken = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const status = await stat(join(entry.parentPath, entry.name)).catch(() => undefined);
    taken += (status?.blocks ?? 0) * statBlockBytes;
  }
  return taken;
};
