import { loadLibc } from "./libc.ts";
import { createNative, type Native } from "./native.ts";

export type { LockRange } from "./locks.ts";
export type { Native } from "./native.ts";
export { holesAreExact, type Run } from "./sparse.ts";

/** The system calls of this machine. */
export const native: Native = createNative(loadLibc);

/** A machine on which none can be made: every call takes its fallback. */
export const withoutNative: Native = createNative(() => {
  throw new Error("system calls are switched off");
});
