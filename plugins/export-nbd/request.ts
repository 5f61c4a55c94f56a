import type { ExportEntry } from "pagurus";
import type { Negotiated } from "./negotiated.ts";
import { Command, CommandFlag, Errno, EXTENDED_REQUEST_MAGIC, REQUEST_MAGIC } from "./protocol.ts";

/**
 * A request's header. Offsets and lengths are numbers: disks end far below 2^53, and beyond that all is out of
 * range. Words that are only given back are signed: as small integers they cost no memory of their own.
 */
export interface Request {
  flags: number;
  command: number;
  /** The client's handle, opaque: its two words. */
  high: number;
  low: number;
  /** The words of the offset as they came, for extended replies. */
  offsetHigh: number;
  offsetLow: number;
  offset: number;
  /** How much of the disk the request is about; where `payload` isn't 0, that is `length` too. */
  length: number;
  /** Bytes that follow the header. */
  payload: number;
  /** The metadata contexts that are asked for, as a set; 0: all that were chosen. */
  contexts: number;
}

export const newRequest = (): Request => ({
  flags: 0,
  command: 0,
  high: 0,
  low: 0,
  offsetHigh: 0,
  offsetLow: 0,
  offset: 0,
  length: 0,
  payload: 0,
  contexts: 0,
});

export const hasFlag = ({ flags }: Request, flag: number): boolean => (flags & flag) !== 0;

const WORD = 2 ** 32;
const { fua, noHole, dontFragment, requestOne, fastZero, payloadLength } = CommandFlag;

/** Reads the header at `at` into `request`, which is used again for each; false where there is none. */
export const readRequest = (bytes: Buffer, at: number, request: Request, extended: boolean): boolean => {
  if (bytes.readUInt32BE(at) !== (extended ? EXTENDED_REQUEST_MAGIC : REQUEST_MAGIC)) return false;
  request.flags = bytes.readUInt16BE(at + 4);
  request.command = bytes.readUInt16BE(at + 6);
  request.high = bytes.readInt32BE(at + 8);
  request.low = bytes.readInt32BE(at + 12);
  request.offsetHigh = bytes.readInt32BE(at + 16);
  request.offsetLow = bytes.readInt32BE(at + 20);
  request.offset = (request.offsetHigh >>> 0) * WORD + (request.offsetLow >>> 0);
  request.contexts = 0;
  if (extended) {
    request.length = bytes.readUInt32BE(at + 24) * WORD + bytes.readUInt32BE(at + 28);
    request.payload = (request.flags & payloadLength) !== 0 ? request.length : 0;
  } else {
    request.length = bytes.readUInt32BE(at + 24);
    request.payload = request.command === Command.write ? request.length : 0;
  }
  return true;
};

/** The flags that a command may have; `undefined` where there is no such command. */
const flagsOf = (command: number, { form, contexts }: Negotiated): number | undefined => {
  const extended = form === "extended";
  switch (command) {
    case Command.read:
      return form === "simple" ? fua : fua | dontFragment;
    case Command.write:
      return extended ? fua | payloadLength : fua;
    case Command.flush:
    case Command.trim:
    case Command.cache:
      return fua;
    case Command.writeZeroes:
      return fua | noHole | fastZero;
    case Command.blockStatus:
      return extended && contexts !== 0 ? fua | requestOne | payloadLength : fua | requestOne;
    default:
      return undefined;
  }
};

const changes = (command: number): boolean =>
  command === Command.write || command === Command.trim || command === Command.writeZeroes;

/** Why a request can't be done, as an error number; 0 where it can. Pure, and cheap: every request passes. */
export const refusalOf = (request: Request, disk: ExportEntry, negotiated: Negotiated): number => {
  const { command, flags, length } = request;
  const allowed = flagsOf(command, negotiated);
  if (allowed === undefined || (flags & ~allowed) !== 0) return Errno.EINVAL;
  if (negotiated.readOnly && changes(command)) return Errno.EPERM;
  if (command === Command.flush) return request.offset === 0 && length === 0 ? Errno.none : Errno.EINVAL;
  if (command === Command.blockStatus) {
    if (negotiated.contexts === 0) return Errno.EINVAL;
    if (request.payload !== 0) return isQueryLength(request.payload) ? Errno.none : Errno.EINVAL;
  }
  return refusalOfRange(request, disk, negotiated.sizeBytes);
};

const refusalOfRange = (
  { command, flags, offset, length, payload }: Request,
  { blockSizes: { minimum, maximum } }: ExportEntry,
  sizeBytes: number,
): number => {
  if (length === 0 || length % minimum !== 0 || offset % minimum !== 0) return Errno.EINVAL;
  if (command === Command.write && (payload === 0 || length > maximum)) return Errno.EINVAL;
  if (command === Command.read && length > maximum)
    return (flags & dontFragment) !== 0 ? Errno.EOVERFLOW : Errno.EINVAL;
  if (offset + length > sizeBytes)
    return command === Command.write || command === Command.writeZeroes ? Errno.ENOSPC : Errno.EINVAL;
  // Space that must stay is written: that is never faster than writing.
  return (flags & fastZero) !== 0 && (flags & noHole) !== 0 ? Errno.ENOTSUP : Errno.none;
};

const QUERY_HEAD_BYTES = 8;
const ID_BYTES = 4;
/** As many as there are contexts: more ids can't all be different. */
const MAX_IDS = 2;

/** Whether block status may have a payload of so many bytes: a length and at least one context's id. */
const isQueryLength = (bytes: number): boolean => {
  const ids = (bytes - QUERY_HEAD_BYTES) / ID_BYTES;
  return Number.isInteger(ids) && ids >= 1 && ids <= MAX_IDS;
};

/**
 * Replaces a block status request's payload by what it says: the range's length, and the contexts that are asked
 * for. False where an id is unknown, was not chosen or comes twice.
 */
export const readStatusQuery = (payload: Buffer, request: Request, { contexts }: Negotiated): boolean => {
  request.flags &= ~payloadLength;
  request.payload = 0;
  request.length = payload.readUInt32BE(0) * WORD + payload.readUInt32BE(4);
  for (let at = QUERY_HEAD_BYTES; at < payload.length; at += ID_BYTES) {
    const id = payload.readInt32BE(at);
    const isContext = id > 0 && (id & (id - 1)) === 0 && (id & contexts) !== 0;
    if (!isContext || (request.contexts & id) !== 0) return false;
    request.contexts |= id;
  }
  return true;
};
