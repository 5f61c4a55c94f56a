import { fstatSync } from "node:fs";
import { overFiles } from "./over-files.ts";

export const alsoCaughtBy = ["The power fails at some moment of a host's work"];

/** A layer that grows beyond what its file has ever been is recorded in a file whose name is never synced. */
export default overFiles({
  calls: (sound) => {
    const longest = new Map<number, number>();
    let beyond = false;
    return {
      truncate: (fd, sizeBytes) => {
        const { ino, size } = fstatSync(fd);
        const before = Math.max(longest.get(ino) ?? 0, size);
        beyond = sizeBytes > before;
        longest.set(ino, Math.max(before, sizeBytes));
        sound.truncate(fd, sizeBytes);
      },
      syncNames: async (folder, durableFor) => {
        if (durableFor !== "length" || !beyond) await sound.syncNames(folder, durableFor);
      },
    };
  },
});
