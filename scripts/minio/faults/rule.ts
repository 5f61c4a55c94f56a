import type { Exchange } from "./exchange.ts";
import { Inbox } from "./inbox.ts";
import { fits, type Which } from "./which.ts";

/** What happens to some requests until it is stopped. */
export interface Fault<Met> {
  /** To how many it has happened, or is happening. */
  readonly count: number;
  /** Resolves with the next one to which it has happened, from the first on; rejects when the proxy ends before. */
  next(): Promise<Met>;
  /** Later requests are left alone; what is held stays held. */
  stop(): void;
}

/** To which requests something happens; without `times` to all until it is stopped. */
export type Whose = Which & { readonly times?: number };

/** Does it to one, and tells `met` when it is done. */
export type Deed<Met> = (exchange: Exchange, met: (met: Met) => void) => Promise<void>;

export class Rule<Met> implements Fault<Met> {
  count = 0;
  readonly #which: Which;
  readonly #deed: Deed<Met>;
  readonly #inbox = new Inbox<Met>();
  #left: number;

  constructor({ times = Number.POSITIVE_INFINITY, ...which }: Whose, deed: Deed<Met>) {
    this.#which = which;
    this.#deed = deed;
    this.#left = times;
  }

  /** Whether it is for this one, which then counts. */
  takes({ line }: Exchange): boolean {
    if (this.#left <= 0 || !fits(this.#which, line)) return false;
    this.#left--;
    this.count++;
    return true;
  }

  act(exchange: Exchange): Promise<void> {
    return this.#deed(exchange, (met) => this.#inbox.put(met));
  }

  next(): Promise<Met> {
    return this.#inbox.next();
  }

  stop(): void {
    this.#left = 0;
  }

  end(): void {
    this.#inbox.over(new Error("the proxy has ended: nothing more can happen"));
  }
}
