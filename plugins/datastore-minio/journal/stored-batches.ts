import { CELL_BYTES, CHECK_BYTES, SECTOR_BYTES } from "../cell.ts";
import { cellSeed, checksumOf } from "../cell-checksum.ts";
import { visitRecords } from "../records.ts";
import {
  type Batch,
  type BatchHead,
  type BatchOwner,
  batchBytes,
  decodeBatch,
  decodeHead,
  HEAD_BYTES,
  PAGE_BYTES,
  recordBytes,
} from "./batch.ts";
import type { JournalDirectory, JournalFile } from "./directory.ts";

/** Where a sound batch lies. */
export interface StoredBatch {
  readonly head: BatchHead;
  readonly file: JournalFile;
  readonly at: number;
}

/** All batches of an owner that are sound, in their order, of segments from `from` on. The files are added to `files`, open. */
export const findBatches = async (
  directory: JournalDirectory,
  owner: BatchOwner,
  from: number,
  files: JournalFile[],
): Promise<readonly StoredBatch[]> => {
  const batches: StoredBatch[] = [];
  for (const name of await directory.names()) {
    const file = await directory.open(name);
    if (file === undefined) continue;
    files.push(file);
    for (let at = 0, end = await file.sizeBytes(); at < end; ) {
      const batch = await readBatch(owner, file, at);
      if (batch !== undefined && batch.head.number >= from) batches.push({ head: batch.head, file, at });
      at += batch === undefined ? PAGE_BYTES : batchBytes(batch.head);
    }
  }
  return batches.sort((a, b) => a.head.ordinal - b.head.ordinal);
};

/** Undefined where there is none of that owner's, or one that isn't as it was written. */
export const readBatch = async (
  owner: BatchOwner,
  file: JournalFile,
  at: number,
): Promise<Batch | undefined> => {
  const bytes = Buffer.alloc(HEAD_BYTES);
  await file.read(bytes, at);
  const head = decodeHead(owner, bytes);
  // A damaged head may claim any length.
  const wanted = head && HEAD_BYTES + recordBytes(head) + head.cellBytes;
  if (wanted === undefined || wanted > (await file.sizeBytes()) - at) return undefined;
  const all = Buffer.alloc(wanted);
  if ((await file.read(all, at)) < wanted) return undefined;
  const batch = decodeBatch(owner, all);
  return batch && cellsAreSound(owner, batch) ? batch : undefined;
};

/** What is wrong with batches of segments from `from` on, if anything is: the first that are there must be all there are. */
export const gapIn = (batches: readonly StoredBatch[], from: number): string | undefined => {
  let expected: Partial<BatchHead> = { number: from, recordsFrom: 0, cellsFrom: 0 };
  let previous: BatchHead | undefined;
  for (const { head } of batches) {
    if (previous !== undefined) {
      const { number, ordinal, records, recordsFrom, cellBytes, cellsFrom } = previous;
      if (head.ordinal !== ordinal + 1)
        return `of its batches, those between ${ordinal} and ${head.ordinal} are missing or damaged`;
      expected =
        head.number === number
          ? { recordsFrom: recordsFrom + records, cellsFrom: cellsFrom + cellBytes }
          : { number: number + 1, recordsFrom: 0, cellsFrom: 0 };
    }
    const { number = head.number, recordsFrom, cellsFrom } = expected;
    if (head.number !== number) return `it goes on with segment ${head.number} where ${number} comes next`;
    if (head.recordsFrom !== recordsFrom || head.cellsFrom !== cellsFrom)
      return `what it holds of segment ${number} begins in its middle`;
    previous = head;
  }
  return undefined;
};

const cellsAreSound = ({ logSeed }: BatchOwner, { head, words, cells }: Batch): boolean => {
  const { number, cellsFrom } = head;
  let sound = true;
  const cell = (block: number, firstSector: number, length: number, position: number) => {
    const at = position - cellsFrom;
    if (!sound || at < 0 || at + length + CHECK_BYTES > cells.length) {
      sound = false;
      return;
    }
    const checksum = checksumOf(
      cells.subarray(at, at + length),
      cellSeed(logSeed, number, block, firstSector),
    );
    sound = checksum === cells.readUInt32LE(at + length);
  };
  const told = visitRecords(words, cellsFrom + cells.length, {
    run(block, count, position) {
      for (let index = 0; index < count; index++)
        cell(block + index, 0, CELL_BYTES - CHECK_BYTES, position + index * CELL_BYTES);
    },
    fragment: (block, firstSector, sectors, position) =>
      cell(block, firstSector, sectors * SECTOR_BYTES, position),
    hole: () => undefined,
  });
  return told && sound;
};
