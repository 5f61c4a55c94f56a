import { randomUUID } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "../contract/index.ts";

const Contents = z.object({ url: z.url(), pid: z.int().positive() });
export type ServerFile = z.infer<typeof Contents>;

const pathOf = (dataDir: string): string => join(dataDir, "server.json");

/** Where the server of this data directory says it is; `undefined` where none does. It may be gone already. */
export const readServerFile = async (dataDir: string): Promise<ServerFile | undefined> => {
  try {
    return Contents.parse(JSON.parse(await readFile(pathOf(dataDir), "utf8")));
  } catch {
    return undefined;
  }
};

/** Says where this server is. Readers see the old contents or the new, never half. */
export const writeServerFile = async (dataDir: string, contents: ServerFile): Promise<void> => {
  const unfinished = `${pathOf(dataDir)}.${randomUUID()}`;
  await writeFile(unfinished, `${JSON.stringify(contents)}\n`, { mode: 0o600, flag: "wx" });
  await rename(unfinished, pathOf(dataDir));
};

/** Removes what `writeServerFile` wrote, unless another server has written its own since. */
export const removeServerFile = async (dataDir: string, ours: ServerFile): Promise<void> => {
  const found = await readServerFile(dataDir);
  if (found?.pid === ours.pid && found.url === ours.url) await rm(pathOf(dataDir), { force: true });
};
