import { CodedError } from "pagurus";
import type { ObjectCall, Objects } from "./objects.ts";
import { type DecodedIndex, decodeIndex, indexLength, NEWER_FORMAT } from "./segment-index.ts";

/** Most indexes are shorter; the others take a second request. */
const TAIL_BYTES = 64 * 1024;

/** Refuses to go on with an object that somebody or something has changed. */
export const damagedObject = (objects: Objects, key: string, problem: string): CodedError =>
  new CodedError("object-damaged", { object: objects.location(key), problem });

/** Refuses what is whole, and says more than this release knows of: what it doesn't know may be what keeps it whole. */
export const newerObject = (objects: Objects, key: string, problem: string): CodedError =>
  new CodedError("object-newer", { object: objects.location(key), problem });

/** For what may be damaged: nothing then. */
export const unlessDamaged = (error: unknown): undefined => {
  if (!CodedError.is(error, "object-damaged")) throw error;
};

/** The index of a log object, verified; undefined where there is no such object. `object-damaged`, `object-newer`. */
export const fetchIndex = async (
  objects: Objects,
  key: string,
  { sizeBytes, signal }: ObjectCall & { readonly sizeBytes?: number } = {},
): Promise<DecodedIndex | undefined> => {
  const call = signal === undefined ? {} : { signal };
  const objectBytes = sizeBytes ?? (await sizeOf(objects, key, call));
  if (objectBytes === undefined) return undefined;
  const fetchTail = (bytes: number) => {
    const offset = Math.max(0, objectBytes - bytes);
    return objects.get(key, { offset, length: Math.max(1, objectBytes - offset), ...call });
  };
  let tail = await fetchTail(TAIL_BYTES);
  if (tail !== undefined && indexLength(tail) > tail.length) tail = await fetchTail(indexLength(tail));
  if (tail === undefined) return undefined;
  return wholeIndex(objects, key, { tail, objectBytes });
};

/** As `decodeIndex`. `object-damaged`, `object-newer`. */
export const wholeIndex = (
  objects: Objects,
  key: string,
  { tail, objectBytes }: { readonly tail: Buffer; readonly objectBytes: number },
): DecodedIndex => {
  const decoded = decodeIndex(tail, objectBytes);
  if (decoded === NEWER_FORMAT) throw newerObject(objects, key, decoded);
  if (typeof decoded === "string") throw damagedObject(objects, key, decoded);
  return decoded;
};

const sizeOf = async (objects: Objects, key: string, call: ObjectCall): Promise<number | undefined> => {
  for await (const object of objects.list(key, call))
    return object.key === key ? object.sizeBytes : undefined;
  return undefined;
};
