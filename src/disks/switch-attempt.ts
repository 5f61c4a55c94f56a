import { type Clock, CodedError } from "../contract/index.ts";
import { deferred } from "./deferred.ts";
import type { Gate } from "./gate.ts";

/**
 * `swap`: the guest goes on at the target. `release`: at the source, and the move goes on. `keep`: at the source, and the
 * move is over: its target keeps what the disk held in that moment.
 */
export type Verdict = "swap" | "release" | "keep";

/**
 * One switch-over of one disk: who may let the guest go, and when. Until `equal` the budget's timer may release the
 * guest on the source; answering `equal` disarms it in the same step, and from then on only the verdict counts.
 */
export class SwitchAttempt {
  readonly #gate: Gate;
  readonly #clock: Clock;
  readonly #maxPauseMs: number;
  readonly #disk: string;
  readonly #over = deferred<never>();
  readonly #verdict = deferred<Verdict>();
  #startedMs = 0;
  #disarm: () => void = () => undefined;
  #state: "idle" | "held" | "equal" | "ended" = "idle";
  #reason: unknown;
  /** How long the guest was held, in milliseconds, once it has been released. */
  pauseMs = 0;
  /** How long the guest's requests took to end once it was held. */
  drainMs = 0;

  constructor(options: { gate: Gate; clock: Clock; maxPauseMs: number; disk: string }) {
    this.#gate = options.gate;
    this.#clock = options.clock;
    this.#maxPauseMs = options.maxPauseMs;
    this.#disk = options.disk;
  }

  get heldMs(): number {
    return this.#clock.monotonicMs() - this.#startedMs;
  }

  /** Rejects once the attempt is over. */
  get over(): Promise<never> {
    return this.#over.promise;
  }

  get verdict(): Promise<Verdict> {
    return this.#verdict.promise;
  }

  /** Holds the guest; resolves when its requests have ended. */
  async hold(): Promise<void> {
    this.#startedMs = this.#clock.monotonicMs();
    const drained = this.#gate.stun();
    this.#state = "held";
    this.#disarm = this.#clock.after(this.#maxPauseMs, () => this.abandon(this.#exceeded()));
    await drained;
    this.drainMs = this.heldMs;
    this.check();
  }

  /** Throws once the attempt is over or its time has passed: the timer may be late where copying is synchronous. */
  check(): void {
    if (this.#state === "held" && this.heldMs >= this.#maxPauseMs) this.abandon(this.#exceeded());
    if (this.#state === "ended") throw this.#reason;
  }

  /** Lets the guest go on at the source. After `equal` this does nothing: that is the verdict's alone. */
  abandon(reason: unknown): void {
    if (this.#state === "equal" || this.#state === "ended") return;
    if (this.#state === "held") this.pauseMs = this.#gate.resume();
    this.#end(reason);
    this.#over.reject(reason);
  }

  /** From here on the guest is the engine's. */
  equal(): void {
    this.check();
    this.#disarm();
    this.#state = "equal";
  }

  /** The engine's decision; `act` swaps the layers before the guest goes on. */
  decide(verdict: Verdict, act: () => void): void {
    if (this.#state !== "equal") {
      this.abandon(this.#exceeded());
      return;
    }
    act();
    this.pauseMs = this.#gate.resume();
    this.#end(this.#exceeded());
    this.#verdict.resolve(verdict);
  }

  #end(reason: unknown): void {
    this.#disarm();
    this.#state = "ended";
    this.#reason = reason;
  }

  #exceeded(): CodedError {
    return new CodedError("pause-budget-exceeded", { disk: this.#disk, maxPauseMs: this.#maxPauseMs });
  }
}
