import { open, rename } from "node:fs/promises";
import { overFiles } from "./over-files.ts";
import { UNFINISHED } from "./over-files-calls.ts";

const ignored = (): undefined => undefined;

/** Layers and stamps are synced, but whether that succeeded is not looked at. */
export default overFiles({
  calls: (sound) => ({
    datasync: (fd, durableFor) =>
      durableFor === "creation"
        ? sound.datasync(fd, durableFor).catch(ignored)
        : sound.datasync(fd, durableFor),
    syncNames: (folder, durableFor) => sound.syncNames(folder, durableFor).catch(ignored),
    replace: async (path, content) => {
      await using file = await open(path + UNFINISHED, "w", 0o600);
      await file.writeFile(content);
      await file.sync().catch(ignored);
      await rename(path + UNFINISHED, path);
    },
  }),
});
