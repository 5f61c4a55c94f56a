import { chmod } from "node:fs/promises";
import type { Server, Socket } from "node:net";
import type { ExportAttachment, ExportedDisk } from "pagurus";
import type { NativeCalls } from "./channel.ts";
import { DiskConnections } from "./disk-connections.ts";
import { listenFailed } from "./listen-failed.ts";
import { listening } from "./listening.ts";
import type { Shared } from "./shared.ts";
import { type SocketFolder, socketPlace } from "./socket-place.ts";
import { unixUri } from "./uri.ts";

/** For this user's programs alone. */
const listenPrivately = async (path: string, onConnection: (socket: Socket) => void): Promise<Server> => {
  const server = await listening({ path }, onConnection);
  try {
    await chmod(path, 0o600);
    return server;
  } catch (error) {
    server.close();
    throw error;
  }
};

/** Serves one disk on a unix socket of its own, and what is handed over to it. `export-listen-failed`. */
export const attachDisk = async (
  exportId: string,
  disk: ExportedDisk,
  folder: SocketFolder,
  native: NativeCalls,
  shared: Shared,
): Promise<ExportAttachment> => {
  const connections = new DiskConnections(disk, native, shared);
  // So that an export to read only can have its sockets beside those of one that lets clients write.
  const name = shared.rules.readOnly ? `${disk.disk}.read-only.sock` : `${disk.disk}.sock`;
  const place = await socketPlace(exportId, folder, name);
  const server = await listenPrivately(place.path, (socket) => connections.accept(socket)).catch(
    async (error: unknown) => {
      await place.remove();
      throw listenFailed(exportId, place.path, error);
    },
  );
  return {
    addresses: [{ uri: unixUri(disk.name, place.path) }],
    adopt: (fd, negotiated) => connections.adopt(fd, negotiated),
    close: async () => {
      server.close();
      await connections.close();
      await place.remove();
    },
  };
};
