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
  const place = await socketPlace(exportId, folder, `${disk.disk}.sock`);
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
