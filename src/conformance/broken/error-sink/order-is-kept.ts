import { readFile, writeFile } from "node:fs/promises";
import { lineOf, overSink } from "./over.ts";

export { config } from "./over.ts";

/** Puts the newest report first. */
export default overSink((_sound, file) => ({
  async deliver(report) {
    const older = await readFile(file, "utf8").catch(() => "");
    await writeFile(file, lineOf(report) + older);
  },
}));
