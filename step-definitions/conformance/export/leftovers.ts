import { readdir } from "node:fs/promises";

/** What this process has open, and what lies in a folder. */
export interface Left {
  readonly files: readonly string[];
  readonly descriptors: number;
}

const TURNS = 100;

export const leftIn = async (folder: string): Promise<Left> => ({
  files: (await readdir(folder, { recursive: true })).sort(),
  descriptors: (await readdir("/dev/fd")).length,
});

/** What is left when as much as `before` is, or some turns of the event loop later: handles close in the next one. */
export const leftInTheEnd = async (folder: string, before: Left): Promise<Left> => {
  let left = await leftIn(folder);
  for (let turn = 0; turn < TURNS && left.descriptors > before.descriptors; turn++) {
    await new Promise(setImmediate);
    left = await leftIn(folder);
  }
  return left;
};
