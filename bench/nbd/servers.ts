import type { Bench } from "../common/bench.ts";
import type { Undo } from "../common/undo.ts";
import { type Pagurus, startPagurus } from "../servers/pagurus.ts";
import { installedPeers, startPeer } from "../servers/peers.ts";
import type { NbdServer } from "../servers/server.ts";

/** A server with one disk of its own, and the file behind it. */
export interface ServedFile extends NbdServer {
  readonly file: string;
}

export interface SideBySide {
  readonly pagurus: Pagurus;
  readonly servers: readonly ServedFile[];
}

/** Pagurus and its peers, each with a disk of its own in the same folder. */
export const startServers = async (
  bench: Bench,
  {
    folder,
    sizeBytes,
    undo,
    diskThreads,
  }: {
    readonly folder: string;
    readonly sizeBytes: number;
    readonly undo: Undo;
    readonly diskThreads?: number;
  },
): Promise<SideBySide> => {
  const { signal } = bench;
  const pagurus = await startPagurus({ folder, signal, ...(diskThreads !== undefined && { diskThreads }) });
  undo.add(() => pagurus.stop());
  const disk = await pagurus.createDisk("bench", sizeBytes);
  const ours = { name: "pagurus", ours: true, pid: pagurus.pid, stop: () => pagurus.stop(), ...disk };
  const servers: ServedFile[] = [ours];
  for (const name of installedPeers(bench)) {
    const peer = await startPeer(name, { folder, sizeBytes, signal });
    undo.add(() => peer.stop());
    servers.push(peer);
  }
  return { pagurus, servers };
};
