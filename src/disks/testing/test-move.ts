import type { DiskMove, MigrationStrategy, MoveBudgets, Verification } from "../../contract/index.ts";
import { FakeClock } from "../../testing/fake-clock.ts";
import { FakeLayer } from "../../testing/fake-layer.ts";
import { Move } from "../move.ts";
import { testDisk } from "./test-disk.ts";
import { settled } from "./turns.ts";

export interface TestMoveOptions {
  readonly sizeBytes: number;
  readonly budgets?: Partial<MoveBudgets>;
  readonly verify?: Verification["mode"];
  /** Instead of bulk copy, then switch-overs until one succeeds. */
  readonly run?: (move: DiskMove) => Promise<void>;
  readonly prepare?: (source: FakeLayer) => void;
  /** Whether both layers' word for a hole can be taken. */
  readonly exact?: boolean;
}

/** Copies everything, then tries to switch over whenever it is asked to. */
const plainly = async (move: DiskMove): Promise<void> => {
  await move.copy(move.all(), "bulk");
  for (;;) {
    move.announce(true);
    if (!move.switchRequested) await move.settle(10);
    else if (
      (await move.switchOver(async () => void (await move.copy(move.harvest(), "final")))) === "switched"
    )
      return;
  }
};

/** A move between two layers in memory, under a clock that the test advances. */
export function testMove({
  sizeBytes,
  budgets,
  verify = "proof",
  run = plainly,
  prepare,
  exact = false,
}: TestMoveOptions) {
  const clock = new FakeClock();
  const source = new FakeLayer("source", sizeBytes);
  const target = new FakeLayer("target", sizeBytes);
  source.exactExtents = exact;
  target.exactExtents = exact;
  prepare?.(source);
  const { disk, guest } = testDisk(source, clock);
  const cancel = new AbortController();
  const said: string[] = [];
  const strategy: MigrationStrategy = { id: "test", summary: "", plan: () => undefined, run };
  let inForce: MoveBudgets = { maxPauseMs: 50, maxAttempts: 3, guestImpact: 30, ...budgets };
  const move = new Move({
    disk,
    target,
    strategy,
    budgets: inForce,
    verify,
    commitMs: 5,
    clock,
    signal: cancel.signal,
    onReady: (ready) => said.push(ready ? "ready" : "not ready"),
    onStunned: () => said.push("stunned"),
  });
  const running = move.run();
  running.catch(() => undefined);
  const adjust = (changes: Partial<MoveBudgets>) => {
    inForce = { ...inForce, ...changes };
    move.adjust(inForce);
  };
  /** Resolves when the disk has said that it is ready and has not taken it back. */
  const ready = async () => {
    await settled();
    for (let tries = 0; tries < 100 && said.at(-1) !== "ready"; tries++) {
      clock.advance(10);
      await settled();
    }
  };
  return { clock, source, target, disk, guest, cancel, said, move, adjust, running, ready };
}
