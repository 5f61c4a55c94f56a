import { open } from "node:fs/promises";
import { NbdClient } from "pagurus/testing";
import { dataAt, newPattern } from "../load/data.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
/** Data and holes of one stretch of the image: large files, small files, and space never used. */
const STRETCH: readonly { readonly length: number; readonly data: boolean }[] = [
  { length: 4 * MIB, data: true },
  { length: 2 * MIB, data: false },
  { length: 2 * MIB, data: true },
  { length: 1 * MIB, data: false },
  ...Array.from({ length: 16 }, () => [
    { length: 64 * KIB, data: true },
    { length: 64 * KIB, data: false },
  ]).flat(),
  { length: 5 * MIB, data: false },
];
const STRETCH_BYTES = STRETCH.reduce((sum, { length }) => sum + length, 0);

/** Where the image has data: 7 of each 16 MiB. */
export function* dataRuns(sizeBytes: number): Generator<{ offset: number; length: number }> {
  let offset = 0;
  for (let stretch = 0; stretch + STRETCH_BYTES <= sizeBytes; stretch += STRETCH_BYTES)
    for (const { length, data } of STRETCH) {
      if (data) yield { offset, length };
      offset += length;
    }
}

/** Writes a sparse image as a file. */
export const writeImageFile = async (path: string, sizeBytes: number): Promise<void> => {
  const pattern = newPattern(4 * MIB);
  const file = await open(path, "w");
  try {
    await file.truncate(sizeBytes);
    for (const { offset, length } of dataRuns(sizeBytes))
      await file.write(dataAt(pattern.subarray(0, length), offset), 0, length, offset);
  } finally {
    await file.close();
  }
};

/** Writes the same image onto an empty disk. */
export const writeImageDisk = async (uri: string, sizeBytes: number, signal: AbortSignal): Promise<void> => {
  const pattern = newPattern(4 * MIB);
  const client = await NbdClient.connect(uri, { signal });
  try {
    for (const { offset, length } of dataRuns(sizeBytes)) {
      signal.throwIfAborted();
      await client.write(offset, dataAt(pattern.subarray(0, length), offset));
    }
    await client.disconnect();
  } finally {
    client.destroy();
  }
};
