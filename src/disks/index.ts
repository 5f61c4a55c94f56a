export { confirmTarget } from "./confirm-target.ts";
export { Disk } from "./disk.ts";
export type { DiskHandle, MoveListener, MoveStart } from "./handle.ts";
export { Move } from "./move.ts";
export type { EqualAnswer, MoveResult } from "./move-result.ts";
export type { SidesUsage } from "./move-usage.ts";
export { usageOfAll } from "./store-usage.ts";
export type { Verdict } from "./switch-attempt.ts";
