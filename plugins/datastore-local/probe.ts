import { join } from "node:path";
import { type Failures, missing } from "./failures.ts";
import type { Files, OpenFile } from "./files.ts";
import { unfinished } from "./paths.ts";
import { writeFully } from "./transfer.ts";

const NAME = ".probe";

/**
 * Does to a file of its own what layers need: make, remove, write, sync, lock. It has no name any more when it is
 * written, so that a check that is killed leaves nothing; what one has left that was killed before goes with the next.
 */
export const probe = async (files: Files, failures: Failures, root: string): Promise<void> => {
  const path = unfinished(join(root, NAME));
  const file = await files.open(path, "create");
  try {
    // Another check's may be among them: it has its file open, and goes on.
    for (const name of await files.names(root))
      if (name.startsWith(`${NAME}.`)) await files.unlink(join(root, name)).catch(unlessMissing);
    await tryFile(files, failures, file);
  } finally {
    await file.close();
  }
  await files.syncDirectory(root);
};

const tryFile = async (files: Files, failures: Failures, file: OpenFile): Promise<void> => {
  writeFully(file, new Uint8Array(512).fill(1), 0);
  await file.sync();
  if (files.native && file.lock({ kind: "exclusive", offset: 0, length: 1 }) !== true)
    throw failures.unavailable("its file system has no locks for open files");
};

const unlessMissing = (error: unknown): void => {
  if (!missing(error)) throw error;
};
