import { createHash } from "node:crypto";
import { access, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

/** A Linux that boots from memory and works on the disk that it is given, see `init`. */
export interface BuiltGuest {
  readonly kernel: string;
  readonly initramfs: string;
}

/** What the guest is made of besides `init`, each by its name in Debian 12. */
export const recipe = {
  /** Depends on the newest kernel. */
  kernel: "linux-image-cloud-amd64",
  busybox: "busybox-static",
  /** Modules of the kernel, in the order in which they are loaded; ext4 is built in. */
  modules: [
    "virtio/virtio_ring",
    "virtio/virtio",
    "virtio/virtio_pci_modern_dev",
    "virtio/virtio_pci_legacy_dev",
    "virtio/virtio_pci",
    "block/virtio_blk",
  ],
} as const;

export const initFile = new URL("init", import.meta.url);

/** Where guests are kept, for all checkouts. */
const cacheFolder = (): string => {
  const { PAGURUS_GUEST_CACHE: own = "", XDG_CACHE_HOME: user = "" } = process.env;
  return own || join(user || join(homedir(), ".cache"), "pagurus", "guests");
};

/** The folder of the guest that this checkout describes, whether it is there or not. */
export const guestFolder = async (): Promise<string> => {
  const description = createHash("sha256").update(JSON.stringify(recipe));
  for (const file of [initFile, new URL("build.ts", import.meta.url)])
    description.update(await readFile(file));
  return join(cacheFolder(), description.digest("hex").slice(0, 16));
};

export const guestIn = (folder: string): BuiltGuest => ({
  kernel: join(folder, "vmlinuz"),
  initramfs: join(folder, "initramfs.gz"),
});

/** The guest that this checkout describes; undefined where it has not been built. */
export const builtGuest = async (): Promise<BuiltGuest | undefined> => {
  const guest = guestIn(await guestFolder());
  return access(guest.initramfs).then(
    () => guest,
    () => undefined,
  );
};
