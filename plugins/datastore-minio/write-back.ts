import type { Clock } from "pagurus";

/** As page caches do: what nobody flushes doesn't stay in memory for ever. */
const WRITE_BACK_MS = 10_000;
/** Of the time that flushed bytes may be missing in the bucket: the rest is for bringing them there. */
const SHARE_OF_LOSS_WINDOW = 0.25;

/** `loss`: absent where what is flushed goes to the bucket at once. */
export const writeBackMs = (loss: { readonly maxLossSeconds: number } | undefined): number =>
  Math.min(WRITE_BACK_MS, (loss?.maxLossSeconds ?? Number.POSITIVE_INFINITY) * 1000 * SHARE_OF_LOSS_WINDOW);

/** Calls `due` when what was added is so old. No timer runs while nothing was. */
export class WriteBack {
  readonly #clock: Clock;
  readonly #ms: number;
  readonly #due: () => void;
  /** By the monotonic clock: when the first of it was added; undefined while there is nothing. */
  #addedMs: number | undefined;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, ms: number, due: () => void) {
    this.#clock = clock;
    this.#ms = ms;
    this.#due = due;
  }

  added(): void {
    this.#addedMs = this.#clock.monotonicMs();
    this.#cancel ??= this.#clock.after(this.#ms, () => this.#look());
  }

  /** What was added has gone out. */
  emptied(): void {
    this.#addedMs = undefined;
  }

  stop(): void {
    this.#cancel?.();
  }

  /** The timer may be that of something older, which has gone out before it was due. */
  #look(): void {
    this.#cancel = undefined;
    if (this.#addedMs === undefined) return;
    const leftMs = this.#addedMs + this.#ms - this.#clock.monotonicMs();
    if (leftMs > 0) this.#cancel = this.#clock.after(leftMs, () => this.#look());
    else this.#due();
  }
}
