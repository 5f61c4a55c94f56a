import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { assertLayerName } from "pagurus";
import { native } from "pagurus/native";

/** The files of a layer. A name without dots or slashes can't become a path that leads elsewhere. */
export const filesOf = (root: string, layer: string) => {
  assertLayerName(layer);
  return {
    /** The bytes, as long as the layer. */
    data: join(root, `${layer}.data`),
    /** What is known of the layer. While there is none, there is no layer. */
    facts: join(root, `${layer}${factsSuffix}`),
    /** The facts on their way; a crash can leave it behind. */
    unfinished: join(root, `${layer}.new`),
  };
};

const factsSuffix = ".json";

/** The layer that a file's name belongs to, if the file says that there is one. */
export const layerOf = (file: string): string | undefined =>
  file.endsWith(factsSuffix) ? file.slice(0, -factsSuffix.length) : undefined;

/** What somebody does with a layer: one writer and any readers go together, a maker or remover is alone. */
export type Role = "writer" | "reader" | "alone";

const WRITER_BYTE = 0;
const USER_BYTE = 1;

/** Takes the data file for a role until it is closed; the lock dies with the process. Answers whether it is free. */
export const take = ({ fd }: FileHandle, role: Role): boolean => {
  const lock = (kind: "shared" | "exclusive", offset: number) => native.lock(fd, { kind, offset, length: 1 });
  if (role === "alone") return lock("exclusive", USER_BYTE) === true;
  return (role === "reader" || lock("exclusive", WRITER_BYTE) === true) && lock("shared", USER_BYTE) === true;
};

/** Replaces a file so that a power cut leaves the old one or the new one, whole; durable when it resolves. */
export const replaceFile = async (path: string, unfinished: string, text: string): Promise<void> => {
  const file = await open(unfinished, "w");
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(unfinished, path);
  await syncFolder(dirname(path));
};

/** Removes files for good. */
export const removeFiles = async (...paths: readonly string[]): Promise<void> => {
  for (const path of paths) await rm(path, { force: true });
  for (const folder of new Set(paths.map((path) => dirname(path)))) await syncFolder(folder);
};

/** A file that was made, renamed or removed is so after a power cut only when its folder was synced. */
export const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};
