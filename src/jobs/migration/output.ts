import type { DiskRow } from "../../catalog/index.ts";
import type { LayerRef } from "../../contract/index.ts";
import type { MoveResult } from "../../disks/index.ts";
import type { MigrationInput, MigrationOutput } from "./input.ts";

/** A disk of the job: its row as last read, and the layer that it moves to. */
export interface Planned {
  row: DiskRow;
  readonly target: LayerRef;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const tenths = (ms: number): number => Math.round(ms * 10) / 10;

/** The job's account over all its disks. */
export function outputOf(
  planned: readonly Planned[],
  accounts: readonly MoveResult[],
  { verify, maxPauseMs }: MigrationInput,
  exceeded: (pauseMs: number) => boolean,
): MigrationOutput {
  const pauseMs = Math.max(...accounts.map((account) => account.pauseMs));
  const moves = planned.map(({ row, target }, index) => {
    const account = accounts[index] as MoveResult;
    return {
      disk: row.name,
      from: { ...row.layer },
      to: { ...target },
      epochBefore: row.epoch,
      epochAfter: row.epoch + 1,
      pauseMs: tenths(account.pauseMs),
      predictedPauseMs: tenths(account.predictedPauseMs),
      rounds: account.rounds.map((round) => ({ ...round, durationMs: tenths(round.durationMs) })),
      verification: account.verification,
      usage: account.usage,
    };
  });
  return {
    // Not all of very many are kept.
    rounds: Math.max(...accounts.map(({ rounds }) => (rounds.at(-1)?.round ?? -1) + 1)),
    bytesCopied: sum(accounts.map(({ bytesCopied }) => bytesCopied)),
    bytesZero: sum(accounts.map(({ bytesZero }) => bytesZero)),
    pauseMs: tenths(pauseMs),
    maxPauseMs,
    pauseBudgetExceeded: exceeded(pauseMs),
    predictedPauseMs: tenths(Math.max(...accounts.map((account) => account.predictedPauseMs))),
    pausesMs: tenths(sum(accounts.map(({ pausesMs }) => pausesMs))),
    attempts: Math.max(...accounts.map(({ attempts }) => attempts)),
    verification: {
      equal: true,
      mode: verify,
      readBackBlocks: sum(accounts.map(({ verification }) => verification.readBackBlocks)),
      holeBlocks: sum(accounts.map(({ verification }) => verification.holeBlocks)),
      comparedBlocks: sum(accounts.map(({ verification }) => verification.comparedBlocks)),
    },
    moves,
    warnings: [],
  };
}

/** In whole milliseconds: the timer that ends a try at its budget can't do better. */
export const isOver = (pauseMs: number, maxPauseMs: number): boolean => Math.floor(pauseMs) > maxPauseMs;

/** The account once it is known how long the target's first write and flush held a guest: a pause too long is told. */
export function withPause(output: MigrationOutput, pauseMs: number): MigrationOutput {
  const longest = Math.max(output.pauseMs, tenths(pauseMs));
  const pauseBudgetExceeded =
    output.pauseBudgetExceeded || (pauseMs > output.pauseMs && isOver(pauseMs, output.maxPauseMs));
  const warning = `a guest was held longer than its budget allowed at that time; the longest pause was ${longest} ms, the budget is ${output.maxPauseMs} ms`;
  return {
    ...output,
    pauseMs: longest,
    pauseBudgetExceeded,
    warnings: [...(pauseBudgetExceeded ? [warning] : []), ...output.warnings],
  };
}
