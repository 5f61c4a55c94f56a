import { truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Bench } from "../common/bench.ts";
import { isInstalled } from "../common/installed.ts";
import { type NbdServer, startListening, unixUri } from "./server.ts";

export interface DiskPlace {
  readonly folder: string;
  readonly sizeBytes: number;
  readonly signal: AbortSignal;
}

/** A sparse file of zeroes. */
export const makeFile = async (path: string, sizeBytes: number): Promise<void> => {
  await writeFile(path, "");
  await truncate(path, sizeBytes);
};

const peers = {
  "qemu-nbd": (socket: string, file: string) =>
    ["-t", "-e", "8", "-f", "raw", "--cache=writeback", "-k", socket, file] as const,
  nbdkit: (socket: string, file: string) => ["-f", "-U", socket, "file", file] as const,
};
export type PeerName = keyof typeof peers;

/** A peer as its users start it: page cache, its own default of threads, up to 8 clients. */
export const startPeer = async (
  name: PeerName,
  { folder, sizeBytes, signal }: DiskPlace,
): Promise<NbdServer & { readonly file: string }> => {
  const file = join(folder, `${name}.raw`);
  const socket = join(folder, `${name}.sock`);
  await makeFile(file, sizeBytes);
  const { pid, stop } = await startListening(name, peers[name](socket, file), { socket, signal });
  return { name, ours: false, uri: unixUri(socket), pid, stop, file };
};

export const installedPeers = (bench: Bench): readonly PeerName[] =>
  (Object.keys(peers) as PeerName[]).filter((name) => isInstalled(bench, name));
