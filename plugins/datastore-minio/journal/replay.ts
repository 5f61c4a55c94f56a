import { BLOCK_BYTES, CELL_BYTES, SECTOR_BYTES } from "../cell.ts";
import type { LogWriter } from "../log-writer.ts";
import { visitRecords } from "../records.ts";
import type { Batch } from "./batch.ts";
import type { Unreplayed } from "./unreplayed.ts";

/**
 * Writes again, in their order, what the batches tell, and ends when the bucket has it. Broken off and done once more
 * from the beginning it comes to the same: nobody else writes in between.
 */
export const replayJournal = async (
  unreplayed: Unreplayed,
  writer: Pick<LogWriter, "hasRoom" | "room" | "write" | "addZeroes" | "flush">,
): Promise<void> => {
  for (const stored of unreplayed.batches) {
    const batch = await unreplayed.read(stored);
    while (!writer.hasRoom(batch.cells.length)) await writer.room();
    writeBatch(batch, writer);
  }
  await writer.flush();
};

const writeBatch = ({ head, words, cells }: Batch, writer: Pick<LogWriter, "write" | "addZeroes">): void => {
  const { cellsFrom } = head;
  visitRecords(words, cellsFrom + cells.length, {
    run(block, count, position, from) {
      // What collection took from elsewhere is there still: nothing is deleted for what the bucket hasn't got.
      if (from !== undefined) return;
      const blocks = Buffer.allocUnsafe(count * BLOCK_BYTES);
      for (let index = 0; index < count; index++) {
        const at = position - cellsFrom + index * CELL_BYTES;
        cells.copy(blocks, index * BLOCK_BYTES, at, at + BLOCK_BYTES);
      }
      writer.write(block * BLOCK_BYTES, blocks);
    },
    fragment(block, firstSector, sectors, position, from) {
      if (from !== undefined) return;
      const at = position - cellsFrom;
      const offset = block * BLOCK_BYTES + firstSector * SECTOR_BYTES;
      writer.write(offset, cells.subarray(at, at + sectors * SECTOR_BYTES));
    },
    hole: (block, count) => writer.addZeroes(block * BLOCK_BYTES, count * BLOCK_BYTES),
  });
};
