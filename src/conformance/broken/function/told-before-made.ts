import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CallContext } from "pagurus";
import { overFunction } from "./over.ts";

/** Makes a note and journals it afterwards: of what a crash leaves in between nobody knows. */
export default overFunction("add", () => ({
  async run({ folder, name }: { folder: string; name: string }, _: unknown, context: CallContext) {
    context.signal.throwIfAborted();
    const path = join(folder, name);
    await writeFile(path, "");
    await context.resource({ kind: "note", ref: { path } });
    if (context.signal.aborted) await rm(path);
    context.signal.throwIfAborted();
    return { name, bytes: 0 };
  },
}));
