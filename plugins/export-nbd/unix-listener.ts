import { chmod } from "node:fs/promises";
import type { ExportAttachment, ExportedDisk } from "pagurus";
import type { NativeCalls } from "./channel.ts";
import { DiskConnections } from "./disk-connections.ts";
import { listenFailed } from "./listen-failed.ts";
import { listening } from "./listening.ts";
import { type SocketFolder, socketPlace } from "./socket-place.ts";
import type { Shared } from "./transmission.ts";
import { unixUri } from "./uri.ts";

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
  const server = await listening({ path: place.path }, (socket) => connections.accept(socket)).catch(
    async (error: unknown) => {
      await place.remove();
      throw listenFailed(exportId, place.path, error);
    },
  );
  await chmod(place.path, 0o600);
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
