import { appendFile } from "node:fs/promises";
import { overSink } from "./over.ts";

export { config } from "./over.ts";

/** Writes the sentence as it is. */
export default overSink((_sound, file) => ({
  deliver: ({ id, sentence }) => appendFile(file, `${id} ${sentence}\n`),
}));
