import {
  type BlockSet,
  CodedError,
  type DiskMove,
  definePlugin,
  MigrationStrategy,
  type MoveFacts,
  type Plugin,
  z,
} from "pagurus";

const LOOK_MS = 10;
/** A round that leaves more than this of what it found leads nowhere; so many in a row are enough. */
const SHRINKS = 0.9;
const ROUNDS_NOWHERE = 5;

/** What a small sound strategy is made of; each part may be another. */
export interface Parts {
  plan(facts: MoveFacts): void;
  /** The first copy of everything. */
  bulk(move: DiskMove): Promise<void>;
  /** Rounds until the rest fits the pause. */
  approach(move: DiskMove): Promise<void>;
  round(move: DiskMove): Promise<void>;
  /** The rounds lead nowhere. */
  nowhere(move: DiskMove): void;
  flush(move: DiskMove): Promise<void>;
  /** How many blocks may be left for a pause. */
  fits(move: DiskMove): number;
  /** Says that it is ready, until the engine asks, or too much was written meanwhile: `no longer`. */
  wait(move: DiskMove): Promise<"asked" | "no longer">;
  settle(move: DiskMove): Promise<void>;
  /** Says that it is not ready. */
  unready(move: DiskMove): void;
  switchOver(move: DiskMove): Promise<"switched" | "released">;
  /** What the last round copies. */
  rest(move: DiskMove): BlockSet;
  /** After the switch-over. */
  after(move: DiskMove): Promise<void>;
}

const sound: Parts = {
  plan() {},
  async bulk(move) {
    await move.copy(move.all(), "bulk");
  },
  async approach(move) {
    let last = Number.POSITIVE_INFINITY;
    for (let stagnant = 0; move.dirtyBlocks >= this.fits(move); ) {
      stagnant = move.dirtyBlocks < last * SHRINKS ? 0 : stagnant + 1;
      if (stagnant > ROUNDS_NOWHERE) this.nowhere(move);
      last = move.dirtyBlocks;
      await this.round(move);
    }
    await this.flush(move);
  },
  async round(move) {
    await move.copy(move.harvest(), "dirty");
  },
  nowhere(move) {
    if (!move.budgets.patient) throw move.notConverging();
  },
  flush: (move) => move.flush(),
  fits: (move) => Math.max(1, move.fittingBlocks(move.budgets.maxPauseMs, { flushed: true })),
  async wait(move) {
    for (move.announce(true); !move.switchRequested; move.announce(true)) {
      await this.settle(move);
      if (move.switchRequested) break;
      if (move.dirtyBlocks >= this.fits(move)) return "no longer";
      if (move.dirtyBlocks < this.fits(move) / 2) continue;
      await this.round(move);
      await this.flush(move);
    }
    return "asked";
  },
  settle: (move) => move.settle(LOOK_MS),
  unready: (move) => move.announce(false),
  switchOver(move) {
    return move.switchOver(async () => {
      await move.copy(this.rest(move), "final");
    });
  },
  rest: (move) => move.harvest(),
  async after() {},
};

const run = async (parts: Parts, move: DiskMove): Promise<void> => {
  await parts.bulk(move);
  for (;;) {
    parts.unready(move);
    await parts.approach(move);
    if ((await parts.wait(move)) === "asked" && (await parts.switchOver(move)) === "switched") break;
  }
  await parts.after(move);
};

/** A plugin with a sound strategy but for some of its parts; `sound` is what it would be. */
export const broken = (change: (sound: Parts) => Partial<Parts>): Plugin =>
  brokenWith(z.strictObject({}), () => change(sound));

/** The same, with what it was configured with. */
export const brokenWith = <C extends z.ZodType>(
  config: C,
  change: (config: z.output<C>, sound: Parts) => Partial<Parts>,
) =>
  definePlugin({
    id: "broken-strategy",
    apiVersion: 1,
    summary: "A sound strategy but for a few lines",
    provides: [MigrationStrategy],
    config,
    register({ bind, config: given }) {
      const parts: Parts = { ...sound, ...change(given, sound) };
      bind(MigrationStrategy).toConstantValue({
        id: "broken",
        summary: "Moves disks, but for a few lines",
        plan: (facts) => parts.plan(facts),
        run: (move) => run(parts, move),
      });
    },
  });

/** Whether a failure says this. */
export const says = (error: unknown, ...codes: readonly string[]): boolean =>
  CodedError.is(error) && codes.includes(error.code);
