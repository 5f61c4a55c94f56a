import { readdir, readFile, readlink } from "node:fs/promises";

const ESTABLISHED = "01";

/** Inodes of the established connections in one of the kernel's tables; none where it has no such table. */
const establishedIn = async (path: string): Promise<readonly string[]> => {
  const [, ...rows] = (await readFile(path, "utf8").catch(() => "")).trim().split("\n");
  return rows.flatMap((row) => {
    const [, , , state, , , , , , inode] = row.trim().split(/\s+/);
    return state === ESTABLISHED && inode !== undefined ? [inode] : [];
  });
};

/** A process's connections over TCP, named as the links to them are below `/proc`. */
export const connectionsOf = async (pid: number): Promise<readonly string[]> => {
  const tables = await Promise.all(
    ["tcp", "tcp6"].map((table) => establishedIn(`/proc/${pid}/net/${table}`)),
  );
  const established = new Set(tables.flat().map((inode) => `socket:[${inode}]`));
  const folder = `/proc/${pid}/fd`;
  const names = await readdir(folder).catch(() => []);
  const links = await Promise.all(names.map((name) => readlink(`${folder}/${name}`).catch(() => "")));
  return links.filter((link) => established.has(link));
};
