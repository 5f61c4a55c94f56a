import type { Clock, Log, Metrics } from "pagurus";

/** A call that gets no answer for so long is told. */
const TELL_AFTER_MS = 5000;

/** A time in which the store didn't answer. */
export interface Outage {
  /** Milliseconds since the epoch: when the first call that had to wait so long began to. */
  readonly since: number;
  /** What the last attempt of such a call failed with. */
  readonly reason: string;
  /** Calls that wait so long now. */
  readonly waiting: number;
}

/** One call, while it waits for the store. */
export interface Waiting {
  /** Bytes have moved: slow isn't dead. */
  alive(): void;
  /** An attempt came to nothing, and there will be another one. */
  failed(reason: string): void;
  /** The store has answered, whatever it said. */
  answered(): void;
  /** The call ends. Does nothing after `answered`. */
  left(): void;
}

interface Call {
  readonly since: number;
  aliveMs: number;
  reason: string;
  overdue: boolean;
}

/** Sees when calls wait for the store for too long, tells it, and tells when it answers again. */
export class Outages {
  readonly #datastore: string;
  readonly #endpoint: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #gauge: ReturnType<Metrics["gauge"]>;
  readonly #calls = new Set<Call>();
  #since: number | undefined;
  #reason = "";
  #cancelWatch: (() => void) | undefined;
  #told: (outage: Outage | undefined) => void = () => undefined;

  constructor(options: {
    readonly datastore: string;
    readonly endpoint: string;
    readonly clock: Clock;
    readonly log: Log;
    readonly metrics: Metrics;
  }) {
    this.#datastore = options.datastore;
    this.#endpoint = options.endpoint;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#gauge = options.metrics.gauge(
      "pagurus_bucket_waiting_calls",
      "Calls that have waited for the bucket of a datastore for over 5 s",
      ["datastore"],
    );
  }

  get current(): Outage | undefined {
    return this.#since === undefined
      ? undefined
      : { since: this.#since, reason: this.#reason, waiting: this.#overdue().length };
  }

  /** Has it told when the store doesn't answer, and with nothing when it does again. */
  onChange(told: (outage: Outage | undefined) => void): void {
    this.#told = told;
  }

  /** Looks no more for those that wait now. */
  stop(): void {
    this.#cancelWatch?.();
    this.#cancelWatch = undefined;
  }

  /** A call begins. It ends with `answered` or `left`. */
  begin(): Waiting {
    const call: Call = {
      since: this.#clock.now(),
      aliveMs: this.#clock.monotonicMs(),
      reason: "no answer yet",
      overdue: false,
    };
    this.#calls.add(call);
    this.#watch(TELL_AFTER_MS);
    return {
      alive: () => {
        call.aliveMs = this.#clock.monotonicMs();
        if (!call.overdue) return;
        call.overdue = false;
        this.#watch(TELL_AFTER_MS);
      },
      failed: (reason) => {
        call.reason = reason;
        if (call.overdue) this.#reason = reason;
      },
      answered: () => {
        if (this.#calls.delete(call)) this.#answered(call);
      },
      left: () => {
        if (this.#calls.delete(call) && call.overdue) this.#measure();
      },
    };
  }

  /** One timer for all calls, none while there are none. */
  #watch(ms: number): void {
    this.#cancelWatch ??= this.#clock.after(ms, () => {
      this.#cancelWatch = undefined;
      this.#look();
    });
  }

  #look(): void {
    const nowMs = this.#clock.monotonicMs();
    let nextMs: number | undefined;
    for (const call of this.#calls) {
      const leftMs = call.aliveMs + TELL_AFTER_MS - nowMs;
      call.overdue = leftMs <= 0;
      if (!call.overdue) nextMs = Math.min(nextMs ?? leftMs, leftMs);
    }
    const [first] = this.#overdue();
    if (first !== undefined && this.#since === undefined) this.#tell(first);
    if (first !== undefined) this.#measure();
    if (nextMs !== undefined) this.#watch(nextMs);
  }

  #overdue(): readonly Call[] {
    return [...this.#calls].filter(({ overdue }) => overdue);
  }

  #measure(): void {
    this.#gauge.set(this.#overdue().length, { datastore: this.#datastore });
  }

  #tell({ since, reason }: Call): void {
    this.#since = since;
    this.#reason = reason;
    this.#log.warn("The store of a datastore does not answer; what needs it waits", {
      datastore: this.#datastore,
      endpoint: this.#endpoint,
      since: new Date(since).toISOString(),
      reason,
    });
    this.#told(this.current);
  }

  #answered(call: Call): void {
    if (call.overdue) this.#measure();
    if (this.#since === undefined || this.#overdue().length > 0) return;
    this.#log.info("The store of a datastore answers again", {
      datastore: this.#datastore,
      endpoint: this.#endpoint,
      outageMs: this.#clock.now() - this.#since,
    });
    this.#since = undefined;
    this.#told(undefined);
  }
}
