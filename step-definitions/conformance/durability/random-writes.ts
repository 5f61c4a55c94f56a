import type { DatastoreTask } from "pagurus/conformance";
import type { Random } from "../random.ts";
import type { Work } from "./killed-hosts.ts";
import { SECTOR_BYTES } from "./known-layer.ts";

const SECTORS = 512;
const LONGEST_WRITE = 48;
const MOST_BESIDE_A_FLUSH = 4;

/** Writes and zeroes of one layer by chance, some of them flushed and some made beside a flush. */
export const randomWrites = (layer: string, random: Random): Work => {
  let marks = 0;
  const range = () => {
    const first = random(SECTORS);
    const count = 1 + random(Math.min(LONGEST_WRITE, SECTORS - first));
    return { offset: first * SECTOR_BYTES, length: count * SECTOR_BYTES };
  };
  const change = (): DatastoreTask =>
    random(4) === 0
      ? { do: "zero", layer, ...range(), mark: 0 }
      : { do: "write", layer, ...range(), mark: ++marks };
  const sizeBytes = SECTORS * SECTOR_BYTES;
  const stamp = { disk: "disk-1", epoch: 1, state: "owner" } as const;
  const first: (readonly DatastoreTask[])[] = [
    [{ do: "create", layer, sizeBytes, stamp }],
    [{ do: "open", layer, sizeBytes }],
  ];
  return () => {
    const begin = first.shift();
    if (begin) return begin;
    const kind = random(8);
    if (kind > 1) return [change()];
    const beside = Array.from({ length: kind === 0 ? 0 : 1 + random(MOST_BESIDE_A_FLUSH) }, change);
    return [{ do: "flush", layer }, ...beside];
  };
};
