import { randomFillSync, randomInt } from "node:crypto";
import { NbdClient } from "pagurus/testing";
import { BLOCK_BYTES, type Ledger } from "./ledger.ts";

const MIB = 1024 * 1024;
export const DISK_BYTES = 1024 * MIB;
/** The working set: so much at the beginning of every stretch of the disk. */
const STRETCH_BYTES = 64 * MIB;
const RUN_BYTES = 8 * MIB;
const stretches = DISK_BYTES / STRETCH_BYTES;
/** Of so many random writes one goes anywhere on the disk, so that holes become data too. */
const ANYWHERE = 64;

/** Fills the working set with random bytes, durably. */
export const writeWorkingSet = async (
  uri: string,
  { ledger, signal }: { readonly ledger: Ledger; readonly signal: AbortSignal },
): Promise<void> => {
  const nbd = await NbdClient.connect(uri, { signal });
  const bytes = Buffer.alloc(MIB);
  for (let run = 0; run < stretches; run++)
    for (let at = 0; at < RUN_BYTES; at += MIB) {
      const offset = run * STRETCH_BYTES + at;
      await nbd.write(offset, randomFillSync(bytes));
      ledger.record(offset, bytes);
    }
  await nbd.flush();
  await nbd.disconnect();
};

/** Where a guest at work would write next: mostly to its working set. */
export const nextOffset = (): number =>
  randomInt(ANYWHERE) === 0
    ? randomInt(DISK_BYTES / BLOCK_BYTES) * BLOCK_BYTES
    : randomInt(stretches) * STRETCH_BYTES + randomInt(RUN_BYTES / BLOCK_BYTES) * BLOCK_BYTES;
