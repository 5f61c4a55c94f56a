import { native } from "pagurus/native";
import type { Files, OpenFile } from "../files.ts";
import { nodeFiles } from "../node-files.ts";

/** The real file system, with `step` called before each change and sync: one that throws keeps it from happening. */
export const steppedFiles = (step: () => void): Files => {
  const real = nodeFiles(native);
  const stepped = async <T>(act: () => Promise<T>): Promise<T> => {
    step();
    return act();
  };
  const steppedFile = (file: OpenFile): OpenFile => ({
    ...file,
    write(from, at) {
      step();
      return file.write(from, at);
    },
    punchHole(at, length) {
      step();
      return file.punchHole(at, length);
    },
    truncate: (sizeBytes) => stepped(() => file.truncate(sizeBytes)),
    datasync: () => stepped(() => file.datasync()),
    sync: () => stepped(() => file.sync()),
  });
  return {
    ...real,
    async open(path, how) {
      if (how === "create") step();
      return steppedFile(await real.open(path, how));
    },
    link: (path, newPath) => stepped(() => real.link(path, newPath)),
    rename: (path, newPath) => stepped(() => real.rename(path, newPath)),
    unlink: (path) => stepped(() => real.unlink(path)),
    syncDirectory: (directory) => stepped(() => real.syncDirectory(directory)),
  };
};
