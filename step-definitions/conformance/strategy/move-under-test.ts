import type { MigrationStrategy, MoveBudgets } from "pagurus";
import { RehearsedMove } from "pagurus/conformance";
import { FakeLayer, type LayerHold, type LayerPoint } from "pagurus/testing";
import { pattern } from "../model.ts";
import type { SimulatedTime } from "./simulated-time.ts";
import { WatchedStrategy } from "./watched-strategy.ts";

export const BLOCK_BYTES = 4096;
/** What a commit of the owner record is expected to take. */
const COMMIT_MS = 5;

type MoveResult = Awaited<RehearsedMove["ended"]>;

/** One disk with its guest, the move of it with the strategy under test, and the engine that the move talks to. */
export class MoveUnderTest {
  readonly name: string;
  readonly source: FakeLayer;
  readonly target: FakeLayer;
  /** What the guest was told to be written. */
  readonly expected: Uint8Array;
  readonly strategy: WatchedStrategy;
  readonly cancel = new AbortController();
  budgets: MoveBudgets = { maxPauseMs: 50, guestImpact: 100, maxAttempts: 5 };
  /** Whether the engine asks for the switch-over whenever the disk is ready. */
  asks = true;
  /** Whether the strategy has said that the disk is ready, and nobody took it back. */
  ready = false;
  /** How often the disk was no longer ready. */
  takenBack = 0;
  /** How often the guest was held, drained. */
  holds = 0;
  /** How often it had been, when its storage first failed. */
  holdsAtFailure: number | undefined;
  /** What the source had been asked when the owner changed. */
  askedOfSource: number | undefined;
  ending: { readonly result: MoveResult } | { readonly failure: unknown } | undefined;
  /** What was told of its progress at each write to the target. */
  readonly percents: number[] = [];
  /** A block of which the data path forgets that it was written. */
  loses: number | undefined;
  readonly #time: SimulatedTime;
  #move: RehearsedMove | undefined;
  #holds: LayerHold[] = [];
  #words = 0;

  constructor(
    name: string,
    { strategy, time, sizeBytes }: { strategy: MigrationStrategy; time: SimulatedTime; sizeBytes: number },
  ) {
    this.name = name;
    this.#time = time;
    this.strategy = new WatchedStrategy(strategy);
    this.source = new FakeLayer("source", sizeBytes);
    this.target = new FakeLayer("target", sizeBytes);
    void this.source.write(0, pattern(name, 0, sizeBytes));
    this.expected = this.source.bytes.slice();
    this.target.fault = ({ operation }) => {
      if (operation === "write" && this.#move && !this.ready)
        this.percents.push(Number(this.#move.progress()["percent"]));
    };
  }

  get move(): RehearsedMove {
    if (!this.#move) throw new Error("the scenario's move has not begun");
    return this.#move;
  }

  /** Which of the invariants of a move is broken, in words. */
  get broken(): string | undefined {
    return this.#move?.broken();
  }

  get blocks(): number {
    return Math.ceil(this.expected.length / BLOCK_BYTES);
  }

  start(): void {
    const { source, target, strategy, budgets, loses } = this;
    this.#move = new RehearsedMove({
      ...{ disk: this.name, source, target, strategy, budgets, commitMs: COMMIT_MS },
      ...{ clock: this.#time.clock, signal: this.cancel.signal },
      onReady: (ready) => this.#heard(ready),
      onStunned: () => void this.holds++,
      ...(loses !== undefined && { loses }),
    });
    this.#move.ended.then(
      (result) => {
        this.ending = { result };
      },
      (failure: unknown) => {
        this.ending = { failure };
      },
    );
  }

  /** Holds the next such operation of a layer until `goOn`. */
  hold(side: "source" | "target", point: LayerPoint, where?: Parameters<FakeLayer["hold"]>[1]): LayerHold {
    const hold = this[side].hold(point, where);
    this.#holds.push(hold);
    return hold;
  }

  /** Holds the write of the disk's last block to the target. */
  holdLastBlock(): LayerHold {
    return this.hold("target", "write-started", (offset, length) => offset + length === this.expected.length);
  }

  goOn(): void {
    for (const hold of this.#holds) hold.release();
    this.#holds = [];
  }

  adjust(changes: Partial<MoveBudgets>): void {
    this.budgets = { ...this.budgets, ...changes };
    this.move.adjust(this.budgets);
  }

  /** A write of the guest; what it was answered for is expected from then on. */
  write(block: number, offset = 0, length = BLOCK_BYTES): void | Promise<void> {
    const at = block * BLOCK_BYTES + offset;
    const bytes = pattern(`${this.name} ${++this.#words}`, at, Math.min(length, this.expected.length - at));
    const written = () => this.expected.set(bytes, at);
    const pending = this.move.guest.write(at, bytes);
    return pending === undefined ? written() : pending.then(written);
  }

  zero(block: number, count: number): void | Promise<void> {
    const at = block * BLOCK_BYTES;
    const length = Math.min(count * BLOCK_BYTES, this.expected.length - at);
    const zeroed = () => void this.expected.fill(0, at, at + length);
    const pending = this.move.guest.zero(at, length);
    return pending === undefined ? zeroed() : pending.then(zeroed);
  }

  writeAll(): void {
    for (let block = 0; block < this.blocks; block++) void this.write(block);
  }

  /** The engine asks for the switch-over whenever the disk is ready, from now on. */
  askWhenReady(): void {
    this.asks = true;
    if (this.ready) void this.ask();
  }

  /** The engine asks once; resolves when that has come to something, or to nothing. */
  async ask(): Promise<void> {
    if (this.cancel.signal.aborted) return;
    try {
      await this.move.requestSwitch();
    } catch {
      return;
    }
    this.askedOfSource = this.source.asked.length;
    this.move.decide("swap");
  }

  /** Asks, and has changed its mind before anybody could answer. */
  askAndTakeBack(): void {
    void this.ask();
    this.move.decide("release");
  }

  #heard(ready: boolean): void {
    this.ready = ready;
    if (!ready) this.takenBack++;
    // As a message to another thread would: after whoever said it went on.
    if (ready && this.asks) void Promise.resolve().then(() => this.ask());
  }

  /** Ends what is under way, whatever the scenario has left it in. */
  end(): void {
    if (this.#move === undefined) return;
    this.cancel.abort(new Error("the scenario is over"));
    this.goOn();
  }
}

/** -1 where the two are equal. */
export const firstDifference = (one: Uint8Array, other: Uint8Array): number =>
  Buffer.compare(one, other) === 0 ? -1 : one.findIndex((byte, at) => byte !== other[at]);
