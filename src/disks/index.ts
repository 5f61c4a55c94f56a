export { confirmTarget } from "./confirm-target.ts";
export { Disk } from "./disk.ts";
export type { DiskHandle, MoveListener, MoveStart } from "./handle.ts";
export { type EqualAnswer, Move, type MoveResult } from "./move.ts";
export type { Verdict } from "./switch-attempt.ts";
