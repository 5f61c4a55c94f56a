import type { Capable } from "../capabilities.ts";
import { extensionPoint } from "../extension-point.ts";
import type { JsonObject } from "../json.ts";
import type { Lifecycle } from "../plugin.ts";
import type { Extent } from "./layer.ts";

/** The sizes of request that a disk takes, in bytes, powers of two. Fixed when the disk is created: a move never changes them. */
export interface BlockSizes {
  readonly minimum: number;
  readonly preferred: number;
  readonly maximum: number;
}

/** What a guest may know of a disk before it is attached. */
export interface ExportEntry {
  /** The disk's id, never used twice. */
  readonly disk: string;
  /** The disk's name, by which clients ask for it. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly blockSizes: BlockSizes;
}

/** The far end of a connection, as the disk needs to know it. */
export interface Peer {
  /** Asks the kernel, not the event loop, whether the far end is still there: bytes not yet read do not count. */
  alive(): boolean;
}

/** A range of a disk, and whether a move that is under way has still to copy something of it. */
export interface DirtyExtent {
  readonly offset: number;
  readonly length: number;
  readonly dirty: boolean;
}

/**
 * One client's way into a disk. Ranges must lie inside the disk and be multiples of its minimum block:
 * `out-of-range`. What completes at once answers nothing; what waits (for storage, or because the disk is stunned)
 * answers a promise. Buffers belong to the disk until then. Held requests start in the order in which they were
 * made; those of a dead peer never start (`peer-lost`).
 */
export interface DiskConnection {
  /** Fills `into` with the bytes at `offset`. Throws or rejects as the layer does, such as `layer-io-failed`. */
  read(offset: number, into: Uint8Array): void | Promise<void>;
  /** Not durable before a `flush`. Of overlapping writes that are under way together any may win, sector by sector. */
  write(offset: number, from: Uint8Array): void | Promise<void>;
  /**
   * Makes the range read as zeroes, giving space back where it can. Where that would take as long as writing them,
   * `fast` has it refused with `zero-not-fast`, and nothing is changed.
   */
  zero(offset: number, length: number, options?: { readonly fast?: boolean }): void | Promise<void>;
  /** Tells the storage that the range will be read soon. Never held and never fails; it may do nothing. */
  prefetch(offset: number, length: number): void | Promise<void>;
  /** Durable, as the datastore's durability says: every write of any connection that had settled before the call. */
  flush(): Promise<void>;
  /** What the range holds, from end to end, in order and without gaps; a range may be told as data that is a hole. */
  extents(offset: number, length: number): AsyncIterable<Extent>;
  /** As it is when each extent is asked for, in order and without gaps, while the guest goes on writing; without a move all is clean. */
  dirty(offset: number, length: number): AsyncIterable<DirtyExtent>;
  /**
   * The peer is gone. No request starts any more; resolves when those that had started have ended. Until then
   * requests of newer connections wait: an old write must never land on a newer one.
   */
  close(): Promise<void>;
}

/** A disk, as an export serves it in the disk's own thread. */
export interface ExportedDisk extends ExportEntry {
  /** For one client. Any number may be connected at once; each is closed when its client is gone. */
  connect(peer: Peer): DiskConnection;
}

/** A place where a disk can be reached. */
export interface ExportAddress {
  /** What a client is given, such as an NBD URI. */
  readonly uri: string;
}

/** A disk being served; `close` ends its connections: requests in flight are answered first. */
export interface ExportAttachment {
  readonly addresses: readonly ExportAddress[];
  /** Takes over a connected socket that the listener half has negotiated; owns `fd` from the call on. */
  adopt?(fd: number, negotiated: JsonObject): void;
  /** Resolves when no client is left and its address is free again. Again it does nothing. */
  close(): Promise<void>;
}

/** What the listener half may ask of the engine. */
export interface ExportDirectory {
  /** The disks that can be reached now. */
  list(): readonly ExportEntry[];
  /** Hands a connected socket (a duplicated descriptor, owned by the receiver) to the thread of the disk. */
  handOver(disk: string, fd: number, negotiated: JsonObject): Promise<void>;
}

/**
 * How a guest reaches a disk. The instance exists in both planes: in the control plane `listen` serves what is
 * shared by all disks (a TCP port); in a disk's thread `attach` serves one disk (a socket of its own, and
 * connections handed over).
 *
 * Capabilities: `writable` (guests may change their disks; without it every client is told so and every change is
 * refused), `many-clients` (one disk has several at a time; without it a second one is turned away), `shared-address`
 * (`listen` is there, and attachments `adopt`; without it there is no `listen`).
 */
export interface DiskExport extends Capable, Lifecycle {
  readonly id: string;
  /** Control plane. Answers how a disk is reached through what is shared; `export-listen-failed`. */
  listen?(directory: ExportDirectory): Promise<SharedListener>;
  /** Disk plane. Resolves when clients can connect; `export-listen-failed`. */
  attach(disk: ExportedDisk): Promise<ExportAttachment>;
}
/** What is shared by all disks, listening. */
export interface SharedListener {
  /** How clients reach the disk there. */
  addressesOf(entry: ExportEntry): readonly ExportAddress[];
  /** Lets nobody in any more; connections that were handed over stay. Resolves when its address is free again. */
  close(): Promise<void>;
}
export const DiskExport = extensionPoint<DiskExport>("disk-export");
