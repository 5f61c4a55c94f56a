import { createHash } from "node:crypto";
import { NOWHERE } from "./cell.ts";
import { ExtentMap } from "./extent-map.ts";
import { type CheckpointHead, type CheckpointPart, decodeHead, encodeHead } from "./map/checkpoint-head.ts";
import type { HeldMap } from "./map/held-map.ts";
import { PartReader } from "./map/part-reader.ts";
import { PartWriter } from "./map/part-writer.ts";
import { RegionReader } from "./map/region-reader.ts";
import { RegionWriter } from "./map/region-writer.ts";
import { Turns } from "./map/turns.ts";

/** A part that has become so long is the last but one: far from what a server takes in one PUT. */
const PART_BYTES = 32 * 1024 * 1024;
/** What is hashed, and how many segments are read or written, without asking whose turn it is. */
const HASHED_BYTES = 256 * 1024;
const SEGMENTS_AT_ONCE = 1024;

/** What the map of a checkpoint is the map of. */
export type CheckpointOf = Omit<CheckpointHead, "parts">;

export interface Checkpoint extends CheckpointOf {
  readonly map: ExtentMap;
}

/** For an object whose key is the checkpoint's with the suffix behind it. */
export interface CheckpointObject {
  readonly suffix: string;
  readonly bytes: readonly Uint8Array[];
}

/**
 * Writes a map down, in turns with everything else in its thread. The objects come in the order in which they are to
 * be put; the last, with no suffix, is the checkpoint and names the others by their contents. Nearly all have just
 * that one: most runs take 6 bytes and none takes more than 14, a piece of a block no more than 12, a segment no more
 * than 10. Each is held in memory whole, and is hardly longer than `partBytes`.
 */
export async function* encodeCheckpoint(
  held: HeldMap,
  of: CheckpointOf,
  { partBytes = PART_BYTES }: { readonly partBytes?: number } = {},
): AsyncGenerator<CheckpointObject> {
  const turns = new Turns();
  const parts: CheckpointPart[] = [];
  let part = new PartWriter();
  await writeSegments(held, part, turns);
  let regions = new RegionWriter(part);
  for (let taken = held.take(); taken !== undefined; taken = held.take()) {
    if (part.length >= partBytes) {
      const { chunks, ...ended } = part.end();
      parts.push(ended);
      part = new PartWriter();
      regions = new RegionWriter(part);
      regions.write(taken.number, taken.region);
      yield { suffix: suffixOf(parts.length), bytes: chunks };
    } else regions.write(taken.number, taken.region);
    if (turns.over) await turns.next();
  }
  const { chunks, ...ended } = part.end();
  yield { suffix: "", bytes: [encodeHead({ ...of, parts: [...parts, ended] }), ...chunks] };
}

/** What the key of a checkpoint's part has behind the checkpoint's own; the first is number 1. */
const suffixOf = (part: number): string => `.${part}`;

export interface CheckpointExpected {
  readonly log: string;
  readonly number: number;
  /** Brings the object whose key has this behind the checkpoint's own; undefined where there is none. */
  readonly part: (suffix: string) => Promise<Uint8Array | undefined>;
}

/** Reads a map back, in turns with everything else in its thread; a text says what is wrong with it. */
export const decodeCheckpoint = async (
  object: Uint8Array,
  { log, number, part }: CheckpointExpected,
): Promise<Checkpoint | string> => {
  const decoded = decodeHead(object);
  if (typeof decoded === "string") return decoded;
  const { parts, ...of } = decoded.head;
  if (of.log !== log) return `it belongs to the log ${of.log}`;
  if (of.number !== number) return `it was made for number ${of.number}`;
  const map = new ExtentMap();
  for (const [index, expected] of parts.entries()) {
    const last = index === parts.length - 1;
    const bytes = last ? decoded.rest : await part(suffixOf(index + 1));
    const problem = await readPart(bytes, expected, { map, first: index === 0 });
    if (problem !== undefined) return `part ${index + 1} of ${parts.length} ${problem}`;
  }
  return { ...of, map };
};

interface PartInto {
  readonly map: ExtentMap;
  /** The first part begins with the segments. */
  readonly first: boolean;
}

/** Answers what is wrong with the part. */
const readPart = async (
  bytes: Uint8Array | undefined,
  { length, digest }: CheckpointPart,
  { map, first }: PartInto,
): Promise<string | undefined> => {
  const turns = new Turns();
  if (bytes === undefined) return "is gone";
  if (bytes.length !== length) return `has ${bytes.length} bytes and was made with ${length}`;
  if (Buffer.compare(await digestOf(bytes, turns), digest) !== 0) return "has a wrong checksum";
  const from = new PartReader(bytes);
  const regions = new RegionReader(from, map);
  try {
    if (first) await readSegments(from, map, turns);
    while (!from.ended) {
      regions.readRegion();
      if (turns.over) await turns.next();
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return `tells what can't be: ${error.message}`;
  }
  return undefined;
};

const digestOf = async (bytes: Uint8Array, turns: Turns): Promise<Uint8Array> => {
  const hash = createHash("sha256");
  for (let at = 0; at < bytes.length; at += HASHED_BYTES) {
    hash.update(bytes.subarray(at, at + HASHED_BYTES));
    if (turns.over) await turns.next();
  }
  return hash.digest();
};

/** Each segment and how much it holds, then `NOWHERE`; what is live of it follows from the map. */
const writeSegments = async ({ segments }: HeldMap, to: PartWriter, turns: Turns): Promise<void> => {
  let written = 0;
  for (const { segment, totalBytes } of segments) {
    to.number(segment);
    to.number(totalBytes);
    if (++written % SEGMENTS_AT_ONCE === 0 && turns.over) await turns.next();
  }
  to.number(NOWHERE);
};

const readSegments = async (from: PartReader, map: ExtentMap, turns: Turns): Promise<void> => {
  let read = 0;
  for (let segment = from.number(); segment !== NOWHERE; segment = from.number()) {
    map.add(segment, from.number());
    if (++read % SEGMENTS_AT_ONCE === 0 && turns.over) await turns.next();
  }
};
