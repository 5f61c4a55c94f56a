import type { EarlierSchema } from "./earlier-schema.ts";
import { version1 } from "./version-1.ts";

export type { EarlierSchema } from "./earlier-schema.ts";

/** Every schema version before the present one, oldest first: what a server may find that is newer than its catalog. */
export const earlierSchemas: readonly EarlierSchema[] = [version1];
