import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { overFunction } from "./over.ts";

/** Notes down when the notes were counted. */
export default overFunction("count", () => ({
  async run({ folder }: { folder: string }) {
    await writeFile(join(folder, "counted"), "now");
    return { notes: 0 };
  },
}));
