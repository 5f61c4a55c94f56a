import { hostname } from "node:os";
import {
  type Clock,
  CodedError,
  type LayerRef,
  type LayerUsage,
  type Log,
  reasonOf,
  type Stamp,
} from "pagurus";
import type { LayerRecord, LayerRecords, NamedJournal } from "../layer-record.ts";
import type { OpenSegment } from "../open-segment.ts";
import type { JournalHome, MadeJournal } from "./home.ts";
import { isFull, SegmentJournal } from "./segment-journal.ts";
import { JournalSlots } from "./slots.ts";

/** How often it is looked whether the store has stopped answering while a journal is emptied. */
const LOOK_MS = 1000;

/** What may be lost with this host, and only then. */
export interface LossWindow {
  readonly maxLossBytes: number;
  readonly maxLossSeconds: number;
}

export interface LayerJournalOptions {
  readonly home: JournalHome;
  readonly told: Log;
  readonly records: LayerRecords;
  readonly clock: Clock;
  readonly loss: LossWindow;
  readonly ref: LayerRef;
  readonly log: string;
  /** The writer's. */
  readonly nonce: string;
  readonly stamp: Stamp;
  readonly segmentBytes: number;
  /** Resolves once the bucket has everything that was written before the call. */
  readonly reachBucket: () => Promise<void>;
  /** Resolves once an object that was sealed after the call is in the bucket: the log was this writer's then. */
  readonly prove: () => Promise<void>;
  /** Whether the store has stopped answering. */
  readonly storeIsSilent: () => boolean;
}

/** The journal of one open layer: says when a flush may be answered, and when writes must wait for the bucket. */
export class LayerJournal {
  readonly #options: LayerJournalOptions;
  readonly #segments: SegmentJournal;
  #local: boolean;
  #begun: Promise<void> | undefined;
  #made: MadeJournal | undefined;
  #slots: JournalSlots | undefined;
  #overdue = false;
  #hasFailed = false;
  #cancelLook: (() => void) | undefined;

  constructor(options: LayerJournalOptions) {
    const { log, nonce, clock, stamp } = options;
    this.#options = options;
    this.#segments = new SegmentJournal(log, nonce, {
      now: () => clock.monotonicMs(),
      lost: () => this.#failed("its directory is not what its path leads to any more"),
    });
    this.#local = isLocal(stamp);
  }

  /** False while flushed bytes have been missing in the bucket for longer than they may. */
  get mayWrite(): boolean {
    return !this.#overdue;
  }

  /** What would be lost with this host now, and how much that may be. */
  get lossWindow(): NonNullable<LayerUsage["lossWindow"]> {
    const { clock, loss } = this.#options;
    const { heldBytes: bytes, heldSinceMs } = this.#segments;
    const since = heldSinceMs && new Date(clock.now() - (clock.monotonicMs() - heldSinceMs)).toISOString();
    return {
      bytes,
      ...(since && { since }),
      maxBytes: loss.maxLossBytes,
      maxSeconds: loss.maxLossSeconds,
    };
  }

  /** A segment begins. */
  readonly began = (segment: OpenSegment): void => this.#segments.begun(segment);

  /** The bucket has everything through that number. */
  confirmed(through: number): void {
    this.#segments.confirmed(through);
    if (this.#overdue) this.#look();
  }

  /** Resolves when nothing is written down any more that the bucket has. */
  settled(): Promise<void> {
    return this.#segments.idle();
  }

  /** While a move fills it a layer's flush is the bucket's: what is committed then must not hang on this host. */
  stamped(stamp: Stamp): void {
    this.#local = isLocal(stamp);
  }

  /** Everything that was written before the call is durable: here, or in the bucket. */
  async flush(): Promise<void> {
    if (!this.#local) return this.#options.reachBucket();
    try {
      this.#begun ??= this.#begin();
      await this.#begun;
      await this.#segments.flush();
    } catch (error) {
      if (CodedError.is(error)) throw error;
      if (!isFull(error)) throw this.#failed(error);
      const { datastore } = this.#options.ref;
      throw new CodedError(
        "no-space",
        { datastore, availableBytes: 0, neededBytes: this.#options.segmentBytes },
        { cause: error },
      );
    }
    if (this.#cancelLook === undefined) this.#look();
  }

  /**
   * Brings everything to the bucket, and has the layer need this journal no more. Where the store doesn't answer the
   * next opening does that.
   */
  async close(): Promise<void> {
    await this.#segments.idle();
    this.#cancelLook?.();
    const emptied = await this.#unlessSilent(() => this.#empty());
    await this.#slots?.close();
    await this.#made?.directory.close();
    const { home, log, nonce } = this.#options;
    if (emptied && this.#made !== undefined) await home.remove(log, nonce).catch(() => undefined);
  }

  #failed(cause: unknown): CodedError {
    const { ref, home, told } = this.#options;
    const failure = { ...ref, path: home.path, reason: reasonOf(cause) };
    if (!this.#hasFailed)
      told.error(
        "A journal can't be used any more, and its disk fails: bring back what was mounted there, or mend that storage, then `pagurus disks reopen` the disk",
        failure,
      );
    this.#hasFailed = true;
    return new CodedError("journal-failed", failure, { cause });
  }

  async #begin(): Promise<void> {
    try {
      const { home, clock, loss, log, nonce, segmentBytes } = this.#options;
      this.#made ??= await home.make(log, nonce);
      const { id, directory } = this.#made;
      this.#slots ??= new JournalSlots(directory, slotBytesOf(segmentBytes));
      const slots = this.#slots;
      slots.release(await slots.take());
      const journal = { id, nonce, since: clock.now(), host: hostname(), path: home.path, ...loss };
      await this.#name(journal);
      await this.#prove();
      this.#segments.begin(slots);
    } catch (error) {
      this.#begun = undefined;
      throw error;
    }
  }

  /**
   * Another's that is named already has answered nothing if the log is still this writer's: whoever takes a log over
   * replays the journal that counts, and one that was named later was named by a writer who had lost the log.
   */
  async #name(journal: NamedJournal): Promise<void> {
    const { records, ref, log, nonce, prove } = this.#options;
    let outdated: string | undefined;
    const mayName = (found: LayerRecord) =>
      found.log === log && [undefined, nonce, outdated].includes(found.journal?.nonce);
    while (!(await records.change(ref.layer, { journal }, mayName))) {
      const found = await records.find(ref.layer);
      if (found?.log !== log)
        throw new CodedError("layer-in-use", { ...ref, holder: "another server has taken it over" });
      await prove();
      outdated = found.journal?.nonce;
    }
  }

  /** Whoever has taken the log over knew of no journal: nothing may be answered from it then. */
  async #prove(): Promise<void> {
    try {
      await this.#options.prove();
    } catch (error) {
      if (CodedError.is(error, "log-fenced")) await this.#forget();
      throw error;
    }
  }

  /** The layer needs this journal no more. */
  #forget(): Promise<boolean> {
    const { records, ref, nonce } = this.#options;
    return records.change(ref.layer, { journal: undefined }, ({ journal }) => journal?.nonce === nonce);
  }

  async #empty(): Promise<boolean> {
    try {
      await this.#options.reachBucket();
      return this.#made === undefined || (await this.#forget());
    } catch {
      return false;
    }
  }

  /** False where it was given up because the store doesn't answer. */
  #unlessSilent(act: () => Promise<boolean>): Promise<boolean> {
    const { clock, storeIsSilent } = this.#options;
    return new Promise((resolve) => {
      let cancel = () => {};
      const look = () => {
        if (storeIsSilent()) resolve(false);
        else cancel = clock.after(LOOK_MS, look);
      };
      look();
      void act().then((done) => {
        cancel();
        resolve(done);
      });
    });
  }

  #look(): void {
    const { clock, loss } = this.#options;
    this.#cancelLook?.();
    this.#cancelLook = undefined;
    const since = this.#segments.heldSinceMs;
    const leftMs = since === undefined ? undefined : since + loss.maxLossSeconds * 1000 - clock.monotonicMs();
    this.#overdue = leftMs !== undefined && leftMs <= 0;
    if (leftMs !== undefined && leftMs > 0) this.#cancelLook = clock.after(leftMs, () => this.#look());
  }
}

const isLocal = ({ state }: Stamp): boolean => state === "owner";

/** What the cells of a segment take, and some more for what is written down with them. */
const slotBytesOf = (segmentBytes: number): number => segmentBytes + segmentBytes / 8;
