import { randomBytes } from "node:crypto";
import { rename } from "node:fs/promises";
import { overFiles } from "./over-files.ts";
import { writeWhole } from "./over-files-calls.ts";

/** An unfinished file has a name by which nobody finds it again. */
export default overFiles({
  calls: () => ({
    replace: async (path, content) => {
      const unfinished = `${path}.${randomBytes(8).toString("hex")}`;
      await writeWhole(unfinished, content);
      await rename(unfinished, path);
    },
  }),
});
