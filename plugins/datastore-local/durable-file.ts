import type { Files } from "./files.ts";
import { unfinished } from "./paths.ts";
import { writeFully } from "./transfer.ts";

/**
 * Puts a whole file at `path`, durable when it resolves; a crash leaves the file as it was or as it is to be, and
 * possibly an unfinished one. `new` refuses a path that exists, `replace` takes its place.
 */
export const putFile = async (
  files: Files,
  directory: string,
  { path, content, how }: { path: string; content: string; how: "new" | "replace" },
): Promise<void> => {
  const temporary = unfinished(path);
  try {
    await writeNew(files, temporary, content);
    if (how === "replace") await files.rename(temporary, path);
    else await files.link(temporary, path);
  } finally {
    // Gone already after a rename; after a failure to remove it, `remove` of the layer will.
    await files.unlink(temporary).catch(() => undefined);
  }
  await files.syncDirectory(directory);
};

const writeNew = async (files: Files, path: string, content: string): Promise<void> => {
  const file = await files.open(path, "create");
  try {
    writeFully(file, Buffer.from(content), 0);
    await file.sync();
  } finally {
    await file.close();
  }
};
