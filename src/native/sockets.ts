import type { Libc } from "./libc.ts";

const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
/** Beyond the system's limit, for those who may. */
const SO_SNDBUFFORCE = 32;

/** What failed, fails again where the caller sends the rest the usual way, and is told there. */
export const send = (libc: Libc, fd: number, bytes: Uint8Array): number =>
  Math.max(0, libc.send(fd, bytes, bytes.length, MSG_DONTWAIT | MSG_NOSIGNAL));

export const sizeSendBuffer = (libc: Libc, fd: number, bytes: number): boolean => {
  const value = new Uint8Array(4);
  new Int32Array(value.buffer)[0] = bytes;
  return [SO_SNDBUFFORCE, SO_SNDBUF].some(
    (option) => libc.setsockopt(fd, SOL_SOCKET, option, value, 4) === 0,
  );
};
