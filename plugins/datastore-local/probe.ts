import { join } from "node:path";
import type { Failures } from "./failures.ts";
import type { Files, OpenFile } from "./files.ts";
import { unfinished } from "./paths.ts";
import { writeFully } from "./transfer.ts";

/** Does to a file of its own, which it removes, what layers need: make, write, lock, sync, remove. */
export const probe = async (files: Files, failures: Failures, root: string): Promise<void> => {
  const path = unfinished(join(root, ".probe"));
  const file = await files.open(path, "create");
  try {
    await tryFile(files, failures, file);
  } finally {
    await file.close();
    await files.unlink(path);
  }
  await files.syncDirectory(root);
};

const tryFile = async (files: Files, failures: Failures, file: OpenFile): Promise<void> => {
  writeFully(file, new Uint8Array(512).fill(1), 0);
  await file.sync();
  if (files.native && file.lock({ kind: "exclusive", offset: 0, length: 1 }) !== true)
    throw failures.unavailable("its file system has no locks for open files");
};
