import type { ExtentMap } from "./extent-map.ts";
// MAP: overwrite this file; the lead uses exactly this signature for now (a text says what is wrong).
export const decodeCheckpoint = (
  _bytes: Buffer,
  _log: string,
): { readonly map: ExtentMap; readonly checksum: Uint8Array } | string => "it can't be read yet";
