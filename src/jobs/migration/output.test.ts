import { expect, test } from "vitest";
import type { MoveResult } from "../../disks/index.ts";
import { MigrationInput } from "./input.ts";
import { outputOf } from "./output.ts";

const round = (number: number) => ({
  ...{ round: number, kind: "dirty" as const, blocks: 1, hotBlocks: 0, bytesCopied: 4096, bytesZero: 0 },
  ...{ durationMs: 1, newDirtyBlocks: 0 },
});
const account: MoveResult = {
  rounds: [round(0), round(801), round(802)],
  ...{ bytesCopied: 4096, bytesZero: 0, pauseMs: 3, pausesMs: 3, attempts: 1, predictedPauseMs: 2 },
  verification: { equal: true, mode: "proof", readBackBlocks: 1, holeBlocks: 0, comparedBlocks: 0 },
  usage: null,
};

test("all rounds are counted, also where the accounts of some were not kept", () => {
  const input = MigrationInput.parse({ disks: ["web"], to: "archive" });
  expect(outputOf([], [account], input, () => false).rounds).toBe(803);
});
