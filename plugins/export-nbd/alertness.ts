/** How long the thread stays awake after an answer: about what falling asleep and being woken costs both sides. */
const AWAKE_MS = 0.05;
/** So many vain waits in a row end it, and a few more answers in time than vain waits keep it. */
const MOST_CREDIT = 8;
const VAIN_COSTS = 2;
/** While it doesn't pay, it is tried once in so many answers. */
const TRIED_EVERY = 64;

export interface AlertnessOptions {
  readonly nowMs: () => number;
  /** Runs it in the next turn of the event loop, which then doesn't sleep. */
  readonly nextTurn: (run: () => void) => void;
}

/**
 * Keeps a thread awake for a moment after an answer: a client that asks for one thing after the other has its next
 * request here sooner than a sleeping thread is woken, which is most of what such a request takes. It is the event
 * loop that turns, so everything else in the thread has its turn as well; and it ends where the next request
 * doesn't come in time, as on a machine that is busy with other things.
 */
export class Alertness {
  readonly #options: AlertnessOptions;
  #until = 0;
  #awake = false;
  #credit = MOST_CREDIT;
  #skipped = 0;

  constructor(options: AlertnessOptions) {
    this.#options = options;
  }

  /** A lone request was answered. */
  answered(): void {
    if (this.#awake) this.#credit = Math.min(MOST_CREDIT, this.#credit + 1);
    else if (this.#credit === 0 && ++this.#skipped % TRIED_EVERY !== 0) return;
    this.#until = this.#options.nowMs() + AWAKE_MS;
    if (this.#awake) return;
    this.#awake = true;
    this.#options.nextTurn(this.#turn);
  }

  readonly #turn = (): void => {
    if (this.#options.nowMs() < this.#until) {
      this.#options.nextTurn(this.#turn);
      return;
    }
    this.#awake = false;
    this.#credit = Math.max(0, this.#credit - VAIN_COSTS);
  };
}

export const threadAlertness = (): Alertness =>
  new Alertness({ nowMs: () => performance.now(), nextTurn: (run) => void setImmediate(run) });
