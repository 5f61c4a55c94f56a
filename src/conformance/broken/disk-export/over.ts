import nbd from "pagurus/plugins/export-nbd";
import {
  type DiskConnection,
  DiskExport,
  type ExportAttachment,
  type ExportedDisk,
  extensionPoint,
  type JsonObject,
  type Peer,
  type Plugin,
  z,
} from "../../../contract/index.ts";
import { changed } from "../changed.ts";

/** What a broken export does otherwise than the sound one below it. */
export interface Faults {
  readonly export?: (sound: DiskExport, place: { readonly dataDir: string }) => Partial<DiskExport>;
  readonly attachment?: (sound: ExportAttachment, disk: ExportedDisk) => Partial<ExportAttachment>;
  /** Once for each disk. */
  readonly disk?: (sound: ExportedDisk) => Partial<ExportedDisk>;
  /** Once for each client. */
  readonly connection?: (sound: DiskConnection, disk: ExportedDisk, peer: Peer) => Partial<DiskConnection>;
}

const Sound = extensionPoint<DiskExport>("sound-disk-export");

const brokenDisk = (sound: ExportedDisk, { disk, connection }: Faults): ExportedDisk => {
  const around = disk ? changed(sound, disk(sound)) : sound;
  if (!connection) return around;
  return changed(around, {
    connect(peer) {
      const connected = around.connect(peer);
      return changed(connected, connection(connected, sound, peer));
    },
  });
};

const broken = (sound: DiskExport, faults: Faults, dataDir: string): DiskExport => {
  const attaches: Partial<DiskExport> = {
    async attach(disk) {
      const attached = await sound.attach(brokenDisk(disk, faults));
      return faults.attachment ? changed(attached, faults.attachment(attached, disk)) : attached;
    },
  };
  const around = changed(sound, attaches);
  return faults.export ? changed(around, faults.export(around, { dataDir })) : around;
};

/** Disks over NBD, on unix sockets and on a free TCP port. Faults that all disks share are made for each instance. */
export const overNbd = (
  faults: Faults | (() => Faults),
  config: JsonObject = { listen: "127.0.0.1:0" },
): Plugin => ({
  ...nbd,
  id: "broken-export-nbd",
  summary: "export-nbd, broken on purpose",
  config: z.strictObject({}),
  register(registration) {
    const { bind, dataDir } = registration;
    const bindSound = (() => bind(Sound)) as typeof bind;
    nbd.register?.({ ...registration, bind: bindSound, config: nbd.config.parse(config) });
    const own = typeof faults === "function" ? faults() : faults;
    bind(DiskExport).toResolvedValue((sound) => broken(sound, own, dataDir), [Sound]);
  },
});

/** Calls `then` when it has ended well: at once where it has already. */
export const after = (pending: void | Promise<void>, then: () => void): void | Promise<void> =>
  pending === undefined ? then() : pending.then(then);
