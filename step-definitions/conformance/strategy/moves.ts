import assert from "node:assert/strict";
import { CodedError, MigrationStrategy } from "pagurus";
import type { LayerHold } from "pagurus/testing";
import type { Kit } from "../world.ts";
import { firstDifference, MoveUnderTest } from "./move-under-test.ts";
import { SimulatedTime } from "./simulated-time.ts";

/** A chain of causes is never longer. */
const MOST_CAUSES = 10;

/** The moves of one scenario, all of them with the one strategy under test. */
export class Moves {
  readonly time = new SimulatedTime(() => this.#assertUnbroken());
  readonly strategy: MigrationStrategy;
  readonly #moves: MoveUnderTest[] = [];
  #told = false;

  constructor(kit: Kit) {
    this.strategy = kit.instance(MigrationStrategy);
  }

  /** The disk that the scenario speaks of as “the disk”. */
  get it(): MoveUnderTest {
    return this.at(0);
  }

  get all(): readonly MoveUnderTest[] {
    return this.#moves;
  }

  at(index: number): MoveUnderTest {
    const move = this.#moves[index];
    if (!move) throw new Error("the scenario has no such disk");
    return move;
  }

  add(sizeBytes: number): void {
    const { strategy, time } = this;
    this.#moves.push(new MoveUnderTest(`disk ${this.#moves.length + 1}`, { strategy, time, sizeBytes }));
  }

  async untilReady(move = this.it): Promise<void> {
    await this.time.until("the strategy was to say that the disk is ready", () => move.ready || over(move));
    if (!move.ready) throw new Error(`the move ended before it was ready: ${failureText(move)}`);
  }

  /** Resolves when something has come to where it is held, or the move has ended before. */
  async untilThere(held: LayerHold, was: string, move = this.it): Promise<void> {
    let there = false;
    void held.reached.then(() => {
      there = true;
    });
    await this.time.until(was, () => there || over(move));
  }

  async untilEnded(move = this.it): Promise<void> {
    await this.time.until("the move was to end", () => over(move));
  }

  async assertMoved(move = this.it): Promise<void> {
    await this.untilEnded(move);
    assert.ok(
      move.ending && "result" in move.ending,
      `the disk was to move, and has not: ${failureText(move)}`,
    );
    assert.equal(move.move.owner, move.target, "the guest is at the target");
    const lost = firstDifference(move.expected, move.target.bytes);
    assert.equal(
      lost,
      -1,
      `I-M6: at byte ${lost} the target holds something else than the guest has written`,
    );
    const since = move.source.asked.length - (move.askedOfSource ?? 0);
    assert.equal(since, 0, "since the guest is at the target, the source was asked for this many things");
  }

  /** The move came to nothing: answers why, outermost code first. */
  async assertStayed(move = this.it): Promise<readonly string[]> {
    await this.untilEnded(move);
    assert.ok(move.ending && "failure" in move.ending, "the disk was to stay where it was, and has moved");
    assert.equal(move.move.owner, move.source, "the guest is at the source");
    assert.equal(move.move.guestHeld, false, "the guest is held though the move is over");
    await move.write(0);
    const lost = firstDifference(move.expected, move.source.bytes);
    assert.equal(lost, -1, `the source holds something else than the guest has written at byte ${lost}`);
    const asked = move.target.asked.length;
    await this.time.pass(1000);
    assert.equal(move.target.asked.length, asked, "the target is still copied to though the move is over");
    const { failure } = move.ending;
    // It says what to write next.
    if (CodedError.is(failure, "not-implemented")) throw failure;
    return codesOf(failure);
  }

  async end(): Promise<void> {
    for (const move of this.#moves) move.end();
    await this.time.pass(100);
  }

  /** Once is enough: what follows in the scenario is of no interest, and its end is to be an end. */
  #assertUnbroken(): void {
    if (this.#told) return;
    for (const { broken } of this.#moves) {
      if (broken === undefined) continue;
      this.#told = true;
      assert.fail(broken);
    }
  }
}

/** What a server cancels its moves with. */
export const cancelled = () => new CodedError("cancelled", { what: "the move" });

const over = (move: MoveUnderTest): boolean => move.ending !== undefined;

/** The codes of a failure and of what caused it; of what is none of ours, what it says. */
const codesOf = (failure: unknown): readonly string[] => {
  const codes: string[] = [];
  for (let error = failure; error instanceof Error && codes.length < MOST_CAUSES; error = error.cause)
    codes.push(CodedError.is(error) ? error.code : `“${error.message}”, which is no coded error`);
  return codes;
};

const failureText = ({ ending }: MoveUnderTest): string =>
  ending && "failure" in ending ? String(ending.failure) : "it has moved";
