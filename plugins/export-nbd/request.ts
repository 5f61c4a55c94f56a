import type { ExportEntry } from "pagurus";
import { Command, CommandFlag, Errno, REQUEST_MAGIC } from "./protocol.ts";

/** A request's header. Offsets are numbers: disks end far below 2^53, and beyond that all is out of range. */
export interface Request {
  flags: number;
  command: number;
  /** The client's handle, opaque: its two words. */
  high: number;
  low: number;
  offset: number;
  length: number;
}

/** Reads the header at `at` into `request`, which is used again for each; false where there is none. */
export const readRequest = (bytes: Buffer, at: number, request: Request): boolean => {
  if (bytes.readUInt32BE(at) !== REQUEST_MAGIC) return false;
  request.flags = bytes.readUInt16BE(at + 4);
  request.command = bytes.readUInt16BE(at + 6);
  request.high = bytes.readUInt32BE(at + 8);
  request.low = bytes.readUInt32BE(at + 12);
  request.offset = bytes.readUInt32BE(at + 16) * 2 ** 32 + bytes.readUInt32BE(at + 20);
  request.length = bytes.readUInt32BE(at + 24);
  return true;
};

export const newRequest = (): Request => ({ flags: 0, command: 0, high: 0, low: 0, offset: 0, length: 0 });

/** What was agreed with the client in the handshake. */
export interface Negotiated {
  readonly structured: boolean;
  /** Whether block status may be asked for `base:allocation`. */
  readonly allocation: boolean;
}

const { fua, noHole, dontFragment, requestOne } = CommandFlag;

const flagsOf = (command: number, { structured }: Negotiated): number | undefined => {
  switch (command) {
    case Command.read:
      return structured ? fua | dontFragment : fua;
    case Command.write:
    case Command.trim:
    case Command.flush:
      return fua;
    case Command.writeZeroes:
      return fua | noHole;
    case Command.blockStatus:
      return fua | requestOne;
    default:
      return undefined;
  }
};

/** Why a request can't be done, as an error number; 0 where it can. Pure, and cheap: every request passes. */
export const refusalOf = (request: Request, disk: ExportEntry, negotiated: Negotiated): number => {
  const { command, offset, length } = request;
  const allowed = flagsOf(command, negotiated);
  if (allowed === undefined || (request.flags & ~allowed) !== 0) return Errno.EINVAL;
  if (command === Command.flush) return offset === 0 && length === 0 ? Errno.none : Errno.EINVAL;
  if (command === Command.blockStatus && !negotiated.allocation) return Errno.EINVAL;
  const { minimum, maximum } = disk.blockSizes;
  const carriesBytes = command === Command.read || command === Command.write;
  if (length === 0 || length % minimum !== 0 || offset % minimum !== 0 || (carriesBytes && length > maximum))
    return Errno.EINVAL;
  if (offset + length <= disk.sizeBytes) return Errno.none;
  return command === Command.write || command === Command.writeZeroes ? Errno.ENOSPC : Errno.EINVAL;
};
