import { readdir } from "node:fs/promises";

/** Number of files in a folder and below it. */
export const filesIn = async (folder: string): Promise<number> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).length;
};
