/** `npm run guest`: builds the guest that the acceptance features start under QEMU, unless it is there. */
import { buildGuest } from "./build.ts";

try {
  const { kernel, initramfs } = await buildGuest();
  process.stdout.write(`${kernel}\n${initramfs}\n`);
} catch (error) {
  process.stderr.write(`the guest could not be built: ${error instanceof Error ? error.message : error}\n`);
  process.stderr.write("It needs apt-get with fresh lists (apt-get update), dpkg and cpio, on Debian 12.\n");
  process.exitCode = 1;
}
