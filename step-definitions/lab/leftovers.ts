import { readdir } from "node:fs/promises";
import type { Disk } from "pagurus";

/** The names in a folder; none where there is no folder. */
export const namesIn = (folder: string): Promise<readonly string[]> => readdir(folder).catch(() => []);

/** Files in the datastores' folders that belong to no layer named by a disk, nor to one in `kept`. */
export const leftLayers = async (
  folders: ReadonlyMap<string, string>,
  disks: readonly Disk[],
  kept: ReadonlySet<string>,
): Promise<readonly string[]> => {
  const named = new Set([
    ...kept,
    ...disks.flatMap(({ layers }) => layers.map(({ datastore, layer }) => `${datastore}/${layer}`)),
  ]);
  const left: string[] = [];
  for (const [datastore, folder] of folders)
    for (const name of await namesIn(folder))
      if (!named.has(`${datastore}/${name.replace(/\..*$/, "")}`)) left.push(`${datastore}/${name}`);
  return left;
};
