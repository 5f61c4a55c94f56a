import type { Capable } from "../capabilities.ts";
import { extensionPoint } from "../extension-point.ts";
import type { Lifecycle } from "../plugin.ts";
import type { Layer, LayerRef, Stamp } from "./layer.ts";
import type { Rescue } from "./rescue.ts";
import type { DatastoreUsage, StoreOutage } from "./usage.ts";

/** What a new layer is made of. */
export interface LayerSpec {
  /** Its name in the store: `assertLayerName`. */
  readonly layer: string;
  /** A multiple of 512, at least 512. */
  readonly sizeBytes: number;
  readonly stamp: Stamp;
}

/** What a datastore knows of one of its layers without opening it. */
export interface LayerInfo {
  readonly layer: string;
  /** As it was made, or last resized. */
  readonly sizeBytes: number;
  /** Space taken in the store; holes don't count. */
  readonly allocatedBytes: number;
  readonly stamp: Stamp;
  /** Where a person finds it: a path, an object's prefix. */
  readonly location: string;
}

/** What `check` found. */
export interface DatastoreStatus {
  /** Free space; absent where the store has no limit that it knows. */
  readonly availableBytes?: number;
  /** With what is taken. */
  readonly totalBytes?: number;
  /** Where a person finds it. */
  readonly location: string;
}

/**
 * Where layers of disks live. Its objects run in disk threads: several threads hold an instance each and may work
 * on different layers of the same store at once, so whatever must be unique is kept by locks of the store itself.
 * Calls of one instance may overlap too. Every method refuses a name that is none with `layer-name-invalid`, and
 * rejects with `datastore-unavailable` where the store can't be reached.
 *
 * Capabilities: `durability-local` or `durability-remote` (what survives once a flush, a creation, a stamp, a new length
 * or a removal is answered: a power cut of this host, or also its loss with all that it has; absent: nothing
 * does), `process-local` (content lives in this process only), `sparse` (`zero` gives space back),
 * `exclusive-open` (a second writer is refused, also from another process of this host), `resize` (layers can change
 * their length), `prefix-consistent` (what a power cut, or the death of the writer, leaves of a layer is what some number
 * of its first writes made of it, each of them whole up to 32 KiB), `fences-writers` (a writer on another host, which `exclusive-open`
 * doesn't reach, takes the layer over with all that was flushed and keeps it; whoever had it is refused every flush from
 * then on, and nothing that they write then is ever read).
 */
export interface Datastore extends Capable, Lifecycle {
  readonly id: string;
  /** Makes an empty layer, reading as zeroes, with its stamp; durable when it resolves. `layer-exists`, `no-space`, `layer-too-long`. */
  create(spec: LayerSpec): Promise<void>;
  /**
   * Opens for reading and writing, or `readOnly`. One writer at a time: `layer-in-use`. Also `layer-not-found`,
   * `layer-too-short`, `layer-damaged`.
   */
  open(layer: string, options: { readonly sizeBytes: number; readonly readOnly?: boolean }): Promise<Layer>;
  /**
   * Replaces the stamp, also while the layer is open; durable when it resolves, and whole whatever happens: the old
   * stamp or the new. `layer-not-found`.
   */
  stamp(layer: string, stamp: Stamp): Promise<void>;
  /** `undefined` where there is no such layer. Of one that is open too; changes nothing. */
  inspect(layer: string): Promise<LayerInfo | undefined>;
  /**
   * Removes it for good, and what a crash left of one that was being made or removed; durable when it resolves. Removing
   * what isn't there does nothing; `layer-in-use`.
   */
  remove(layer: string): Promise<void>;
  /**
   * Every layer that is there from its beginning to its end, once, in any order, whatever is made and removed
   * meanwhile. Who leaves it early leaves nothing held.
   */
  list(): AsyncIterable<LayerInfo>;
  /**
   * Tries the store, writing and removing something of its own that is never listed: `datastore-unavailable` says what is
   * wrong. `brief`: for who is about to use it and has no time for what takes many requests.
   */
  check(options?: { readonly brief?: boolean }): Promise<DatastoreStatus>;
  /** All that this instance has asked of its store; asks nothing of it. Absent where the store charges for nothing. */
  usage?(): DatastoreUsage;
  /** Has it told when the store has not answered for some seconds, and with null when it does again. Absent where that can't be. */
  onOutage?(told: (outage: StoreOutage | null) => void): void;
  /** For when the catalog is lost or content is damaged. Absent where what is stored can be had without us. */
  readonly rescue?: Rescue;
}
export const Datastore = extensionPoint<Datastore>("datastore");

/** A layer's reference as people read it. */
export const refText = ({ datastore, layer }: LayerRef): string => `${datastore}/${layer}`;
