import type { Engine, EngineEvent } from "pagurus";

/** Everything that an engine has told since it was listened to. */
export class EventLog {
  readonly all: EngineEvent[] = [];
  readonly #abort = new AbortController();
  readonly #ended: Promise<void>;
  #waiting: {
    readonly fits: (event: EngineEvent) => boolean;
    readonly tell: (event: EngineEvent) => void;
  }[] = [];

  constructor(engine: Engine) {
    this.#ended = this.#listen(engine.events({}, { signal: this.#abort.signal }));
  }

  /** The first event that fits, past or to come. */
  happened(fits: (event: EngineEvent) => boolean): Promise<EngineEvent> {
    const past = this.all.find(fits);
    return past ? Promise.resolve(past) : this.next(fits);
  }

  /** The next event to come that fits. */
  next(fits: (event: EngineEvent) => boolean): Promise<EngineEvent> {
    return new Promise((tell) => this.#waiting.push({ fits, tell }));
  }

  async end(): Promise<void> {
    this.#abort.abort();
    await this.#ended;
  }

  async #listen(events: AsyncIterable<EngineEvent>): Promise<void> {
    try {
      for await (const event of events) this.#hear(event);
    } catch {
      // The engine is gone; whoever waits for an event of it learns that from its scenario's time.
    }
  }

  #hear(event: EngineEvent): void {
    this.all.push(event);
    const told = this.#waiting.filter(({ fits }) => fits(event));
    this.#waiting = this.#waiting.filter((one) => !told.includes(one));
    for (const { tell } of told) tell(event);
  }
}
