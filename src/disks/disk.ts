import {
  type BlockSizes,
  type Clock,
  CodedError,
  type ExportedDisk,
  type Layer,
  type Peer,
} from "../contract/index.ts";
import { Connection } from "./connection.ts";
import type { DiskCore } from "./disk-core.ts";
import { Gate } from "./gate.ts";
import type { GuestDemand } from "./impact-limit.ts";
import type { ByteRange, Tracker } from "./tracker.ts";

export interface DiskOptions {
  readonly disk: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly blockSizes: BlockSizes;
  readonly layer: Layer;
  readonly clock: Clock;
}

/**
 * An open disk, owned by one thread: its active layer, its gate, the tracker of a move, its connections. Guest
 * requests and the copier meet only across an `await`; each such place says what may happen there.
 */
export class Disk implements ExportedDisk {
  readonly disk: string;
  readonly name: string;
  /** Grows, never while a move is under way: its layer is longer already, and clients keep what they were told. */
  sizeBytes: number;
  readonly blockSizes: BlockSizes;
  readonly gate: Gate;
  readonly #core: DiskCore;
  readonly #connections = new Set<Connection>();
  readonly #underWay = new Set<ByteRange>();
  #layer: Layer;
  #tracker: Tracker | undefined;
  /** Writes and flushes that the active layer has answered since it became active. */
  answered = { writes: 0, flushes: 0 };
  readonly #demand = { turns: 0, bytes: 0 };

  constructor({ disk, name, sizeBytes, blockSizes, layer, clock }: DiskOptions) {
    this.disk = disk;
    this.name = name;
    this.sizeBytes = sizeBytes;
    this.blockSizes = blockSizes;
    this.gate = new Gate(clock);
    this.#layer = layer;
    const owner = this;
    this.#core = {
      gate: this.gate,
      get active() {
        return owner.#layer;
      },
      get tracker() {
        return owner.#tracker;
      },
      check: (offset, length) => this.#check(offset, length),
      read: (offset, into) => this.#read(offset, into),
      write: (offset, from) => this.#write(offset, from),
      zero: (offset, length, fast) => this.#zero(offset, length, fast),
      flush: () => this.#flush(),
    };
  }

  /** The layer that takes the guest's writes. */
  get active(): Layer {
    return this.#layer;
  }

  /** Clients that are attached: not those that have hung up while something of theirs is still under way. */
  get connections(): number {
    return [...this.#connections].filter((connection) => connection.alive()).length;
  }

  /** What its clients have wanted of the event loop so far. */
  get demand(): GuestDemand {
    return this.#demand;
  }

  /** A new client. Whoever of the others has hung up is closed first: what it had started ends before this one begins. */
  connect(peer: Peer): Connection {
    for (const other of this.#connections) if (!other.alive()) void other.close();
    const connection = new Connection(this.#core, peer, (closed) => this.#connections.delete(closed));
    this.#connections.add(connection);
    return connection;
  }

  /** Every write from now on is told to the tracker, and of those under way already their end. */
  track(tracker: Tracker): void {
    tracker.watch(this.#underWay);
    this.#tracker = tracker;
  }

  /** Ends what `track` began; a tracker that was replaced meanwhile ends nothing. */
  untrack(tracker: Tracker): void {
    if (this.#tracker === tracker) this.#tracker = undefined;
  }

  /** Makes another layer the active one and answers the former. Only while stunned; does no I/O. */
  swap(layer: Layer): Layer {
    const former = this.#layer;
    this.#layer = layer;
    this.answered = { writes: 0, flushes: 0 };
    return former;
  }

  #check(offset: number, length: number): void {
    const { minimum } = this.blockSizes;
    if (
      length > 0 &&
      offset >= 0 &&
      offset + length <= this.sizeBytes &&
      offset % minimum === 0 &&
      length % minimum === 0
    )
      return;
    throw new CodedError("out-of-range", { offset, length, sizeBytes: this.sizeBytes });
  }

  #read(offset: number, into: Uint8Array): void | Promise<void> {
    this.#asked(into.length);
    return this.#inFlight(this.#layer.read(offset, into));
  }

  // The tracker is asked for again at the end: a move may have begun, or ended, while the write was under way.

  #write(offset: number, from: Uint8Array): void | Promise<void> {
    const { length } = from;
    this.#asked(length);
    this.#tracker?.arrived(offset, length);
    try {
      const pending = this.#layer.write(offset, from);
      if (pending !== undefined) return this.#inFlight(this.#changing(offset, length, pending));
    } catch (error) {
      this.#tracker?.ended(offset, length);
      throw error;
    }
    this.#changed(offset, length);
  }

  #zero(offset: number, length: number, fast: boolean): void | Promise<void> {
    this.#asked(0);
    if (fast && !this.#layer.fastZero) throw new CodedError("zero-not-fast", { offset, length });
    this.#tracker?.arrived(offset, length);
    try {
      const pending = this.#layer.zero(offset, length);
      if (pending !== undefined) return this.#inFlight(this.#changing(offset, length, pending));
    } catch (error) {
      this.#tracker?.ended(offset, length);
      throw error;
    }
    this.#changed(offset, length);
  }

  #changed(offset: number, length: number): void {
    this.#tracker?.ended(offset, length);
    this.answered.writes++;
  }

  async #changing(offset: number, length: number, pending: Promise<void>): Promise<void> {
    const write = { offset, length };
    this.#underWay.add(write);
    try {
      await pending;
      this.answered.writes++;
    } finally {
      this.#underWay.delete(write);
      this.#tracker?.ended(offset, length);
    }
  }

  async #flush(): Promise<void> {
    this.#asked(0);
    await this.#inFlight(this.#layer.flush());
    this.answered.flushes++;
  }

  #asked(bytes: number): void {
    this.#demand.turns++;
    this.#demand.bytes += bytes;
  }

  #inFlight(pending: void | Promise<void>): void | Promise<void> {
    if (pending === undefined) return;
    this.gate.enter();
    return this.#left(pending);
  }

  async #left(pending: Promise<void>): Promise<void> {
    try {
      await pending;
    } finally {
      this.#demand.turns++;
      this.gate.leave();
    }
  }
}
