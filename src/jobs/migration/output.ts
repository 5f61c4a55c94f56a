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
  { verify }: MigrationInput,
): MigrationOutput {
  const moves = planned.map(({ row, target }, index) => {
    const account = accounts[index] as MoveResult;
    return {
      disk: row.name,
      from: { ...row.layer },
      to: { ...target },
      epochBefore: row.epoch,
      epochAfter: row.epoch + 1,
      pauseMs: tenths(account.pauseMs),
      rounds: account.rounds.map((round) => ({ ...round, durationMs: tenths(round.durationMs) })),
      verification: account.verification,
    };
  });
  return {
    rounds: Math.max(...accounts.map(({ rounds }) => rounds.length)),
    bytesCopied: sum(accounts.map(({ bytesCopied }) => bytesCopied)),
    bytesZero: sum(accounts.map(({ bytesZero }) => bytesZero)),
    pauseMs: tenths(Math.max(...accounts.map(({ pauseMs }) => pauseMs))),
    pausesMs: tenths(sum(accounts.map(({ pausesMs }) => pausesMs))),
    attempts: Math.max(...accounts.map(({ attempts }) => attempts)),
    verification: {
      equal: true,
      mode: verify,
      readBackBlocks: sum(accounts.map(({ verification }) => verification.readBackBlocks)),
      comparedBlocks: sum(accounts.map(({ verification }) => verification.comparedBlocks)),
    },
    moves,
    warnings: [],
  };
}
