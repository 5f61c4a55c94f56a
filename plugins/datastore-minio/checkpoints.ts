import type { Log } from "pagurus";
import { encodeCheckpoint } from "./checkpoint.ts";
import type { ExtentMap } from "./extent-map.ts";
import {
  type CheckpointName,
  checkpointKey,
  checkpointNumberOf,
  checkpointsKey,
  logObjectKey,
} from "./layout.ts";
import type { Objects } from "./objects.ts";
import type { Upkeep } from "./upkeep.ts";

/** A checkpoint is worth its bytes when so many times as many were written since the last. */
const WORTH = 16;
/** Segments that nothing points at may take that part of what is live until they are deleted. */
const MOST_DEAD = 0.08;

/** What the checkpoints need of the log that they are of. */
export interface CheckpointedLog {
  /** Seals what is open, if only to name the newest checkpoint, and answers the number under which that goes out. */
  name(checkpoint: CheckpointName): number;
  /** Seals what is open, if anything is. What the map says then is what the log says through the number that is answered. */
  seal(): { readonly number: number; readonly checksum: Uint8Array };
  /** Resolves once the bucket has that number and every lower one. */
  reached(number: number): Promise<void>;
}

export interface CheckpointsOptions {
  readonly objects: Objects;
  readonly log: string;
  readonly nonce: string;
  readonly map: ExtentMap;
  readonly writer: CheckpointedLog;
  readonly sizeBytes: () => number;
  /** The newest that counts, and what nothing pointed at when it was made. */
  readonly counted: CheckpointName;
  readonly dead: readonly number[];
  /** What recovery has read after it: as much as is read again unless another one is made. */
  readonly replayed: { readonly objects: number; readonly cellBytes: number };
  readonly upkeep: Upkeep;
  readonly told: Log;
  readonly location: string;
  /** The bucket has more than it had at the last checkpoint. */
  readonly onCounted: () => void;
}

/**
 * Writes the map down from time to time, so that recovery is short, and deletes the segments that nothing needs any more.
 * A checkpoint describes what the bucket has already, and counts once a log object that names it is there with all lower
 * ones. A segment goes when nothing pointed at it in the last checkpoint but one that counts: recovery may begin there.
 */
export class Checkpoints {
  readonly #options: CheckpointsOptions;
  #counted: CheckpointName;
  #dead: readonly number[];
  #objectsSince: number;
  #bytesSince: number;
  #unlookedBytes = 0;
  #lastBytes = 0;
  #making: Promise<void> | undefined;
  readonly #abort = new AbortController();

  constructor(options: CheckpointsOptions) {
    this.#options = options;
    this.#counted = options.counted;
    this.#dead = options.dead;
    this.#objectsSince = options.replayed.objects;
    this.#bytesSince = options.replayed.cellBytes;
  }

  /** A segment was sealed. */
  sealed(cellBytes: number): void {
    this.#objectsSince++;
    this.#bytesSince += cellBytes;
    this.#unlookedBytes += cellBytes;
  }

  /** Looks whether another is due; to be called whenever the bucket has more of the log. */
  poke(): void {
    if (this.#making !== undefined || this.#abort.signal.aborted || !this.#due()) return;
    this.#making = this.#make().then(
      () => this.#made(),
      (error: unknown) => this.#failed(error),
    );
  }

  /** Tears down what is under way, and ends when that has ended. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#making;
  }

  #due(): boolean {
    const { mostObjects, mostCellBytes, mostDeadBytes, lookBytes } = this.#options.upkeep;
    if (this.#objectsSince >= mostObjects) return true;
    if (this.#bytesSince >= Math.max(mostCellBytes, WORTH * this.#lastBytes)) return true;
    if (this.#unlookedBytes < lookBytes) return false;
    this.#unlookedBytes = 0;
    let [dead, live] = [0, 0];
    for (const { totalBytes, liveBytes } of this.#options.map.segments) {
      live += liveBytes;
      if (liveBytes === 0) dead += totalBytes;
    }
    return dead >= Math.max(mostDeadBytes, MOST_DEAD * live, this.#lastBytes);
  }

  async #make(): Promise<void> {
    const { objects, log, nonce, map, writer } = this.#options;
    const { signal } = this.#abort;
    const sizeBytes = this.#options.sizeBytes();
    const { number, checksum } = writer.seal();
    if (number <= this.#counted.number) return;
    this.#objectsSince = 0;
    this.#bytesSince = 0;
    using held = map.hold();
    const dead = [...held.segments].filter(({ liveBytes }) => liveBytes === 0).map(({ segment }) => segment);
    await writer.reached(number);
    const name = { number, nonce };
    const key = checkpointKey(log, name);
    let bytes = 0;
    for await (const object of encodeCheckpoint(held, { log, number, checksum, sizeBytes })) {
      await objects.put(key + object.suffix, object.bytes, { signal });
      for (const part of object.bytes) bytes += part.length;
    }
    signal.throwIfAborted();
    await writer.reached(writer.name(name));
    const previous = { name: this.#counted, dead: this.#dead };
    this.#counted = name;
    this.#dead = dead;
    this.#lastBytes = bytes;
    await this.#collect(previous);
    this.#options.onCounted();
  }

  /** Deletes what neither of the last two checkpoints needs. What a crash leaves undone is done after the next. */
  async #collect(previous: {
    readonly name: CheckpointName;
    readonly dead: readonly number[];
  }): Promise<void> {
    const { objects, log, map } = this.#options;
    const { signal } = this.#abort;
    await objects.remove(
      previous.dead.map((segment) => logObjectKey(log, segment)),
      { signal },
    );
    for (const segment of previous.dead) map.forget(segment);
    const old: string[] = [];
    for await (const { key } of objects.list(checkpointsKey(log), { signal })) {
      const number = checkpointNumberOf(key);
      if (number !== undefined && number < previous.name.number) old.push(key);
    }
    await objects.remove(old, { signal });
  }

  #made(): void {
    this.#making = undefined;
    this.#unlookedBytes = this.#options.upkeep.lookBytes;
    this.poke();
  }

  /** The log goes on without: only recovery takes longer, and space. */
  #failed(error: unknown): void {
    this.#making = undefined;
    if (this.#abort.signal.aborted) return;
    const { told, location } = this.#options;
    told.warn("A checkpoint could not be made; another one will be", { location, reason: String(error) });
  }
}
