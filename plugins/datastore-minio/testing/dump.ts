import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Objects as files below a folder, as `mc mirror` would leave them. */
export const dumpObjects = async (
  objects: Iterable<readonly [key: string, bytes: Uint8Array]>,
  folder: string,
): Promise<void> => {
  for (const [key, bytes] of objects) {
    const path = join(folder, key);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
  }
};
