import { createHash } from "node:crypto";
import { closeSync, ftruncateSync, linkSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type FileState, SECTOR_BYTES } from "./volatile-file.ts";
import type { DirectoryState } from "./volatile-tree.ts";

/** Makes the folder what a power cut left of it. It must be there, and empty. */
export const writeState = (state: DirectoryState, folder: string): void => {
  const written = new Map<FileState, string>();
  const write = (directory: DirectoryState, path: string): void => {
    for (const [name, entry] of directory) {
      const to = join(path, name);
      if (entry instanceof Map) {
        mkdirSync(to, { mode: 0o700 });
        write(entry, to);
        continue;
      }
      const twin = written.get(entry);
      if (twin === undefined) writeFile(entry, to);
      else linkSync(twin, to);
      written.set(entry, to);
    }
  };
  write(state, folder);
};

const writeFile = ({ sizeBytes, sectors }: FileState, path: string): void => {
  const fd = openSync(path, "wx", 0o600);
  try {
    ftruncateSync(fd, sizeBytes);
    for (const [index, sector] of sectors) writeSync(fd, sector, 0, sector.length, index * SECTOR_BYTES);
  } finally {
    closeSync(fd);
  }
};

/** Equal for equal states. */
export const digestOf = (state: DirectoryState): string => {
  const hash = createHash("sha1");
  const add = (directory: DirectoryState): void => {
    for (const [name, entry] of [...directory].sort(([a], [b]) => (a < b ? -1 : 1))) {
      hash.update(`${name}\0`);
      if (entry instanceof Map) {
        add(entry);
        hash.update("\0..\0");
        continue;
      }
      hash.update(`${entry.sizeBytes}\0`);
      for (const [index, sector] of entry.sectors) hash.update(`${index}\0`).update(sector);
    }
  };
  add(state);
  return hash.digest("hex");
};
