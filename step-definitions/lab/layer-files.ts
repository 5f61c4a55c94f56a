import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Lab } from "../world.ts";

/** What `stat` counts space in. */
const SECTOR_BYTES = 512;

/** The image of a disk in a datastore: its present one, else the only other one that is there. */
export const fileOf = async (lab: Lab, disk: string, datastore: string): Promise<string> => {
  const folder = lab.folderOf(datastore);
  const present = (await lab.showDisk(disk)).layers.find((layer) => layer.datastore === datastore);
  if (present) return join(folder, `${present.layer}.raw`);
  const [image, ...others] = (await readdir(folder)).filter((name) => name.endsWith(".raw"));
  if (!image || others.length > 0) throw new Error(`${datastore} has not just one image of ${disk}`);
  return join(folder, image);
};

/** Space that a file takes, holes not counted; of a folder: `spaceIn`. */
export const bytesTaken = async (path: string): Promise<number> => (await stat(path)).blocks * SECTOR_BYTES;
