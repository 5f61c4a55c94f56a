import { setTimeout as sleep } from "node:timers/promises";
import { NbdClient } from "pagurus/testing";

const BLOCK_BYTES = 4096;
/** Often enough to meet every pause, seldom enough to be no load. */
const EVERY_MS = 2;

export interface Probe {
  /** Ends it; the answer tells the longest wait of a write that was answered between two times of this machine's clock. */
  end(): Promise<(fromMs: number, toMs: number) => number>;
  stop(): void;
}

/** A block of a disk, for the n-th write. */
export type PickBlock = (write: number, blocks: number) => number;

const last: PickBlock = (_, blocks) => blocks - 1;
/** All over the disk, never twice the same: no number of blocks that disks have is a multiple of this prime. */
export const scattered: PickBlock = (write, blocks) => (write * 15_485_863) % blocks;

/** One small write after another, each timed; all of them to the last block of the disk unless told otherwise. */
export const startProbe = async (uri: string, signal: AbortSignal, pick = last): Promise<Probe> => {
  const client = await NbdClient.connect(uri, { signal });
  const block = Buffer.alloc(BLOCK_BYTES, 1);
  const answers: { readonly atMs: number; readonly waitedMs: number }[] = [];
  const ended = new AbortController();
  const probing = (async () => {
    for (let write = 0; !ended.signal.aborted; write++) {
      const offset = pick(write, client.sizeBytes / BLOCK_BYTES) * BLOCK_BYTES;
      const askedMs = performance.now();
      await client.write(offset, block);
      answers.push({ atMs: Date.now(), waitedMs: performance.now() - askedMs });
      await sleep(EVERY_MS);
    }
  })();
  probing.catch(() => undefined);
  return {
    stop() {
      ended.abort();
      client.destroy();
    },
    async end() {
      ended.abort();
      await probing;
      await client.disconnect();
      return (fromMs, toMs) =>
        answers.reduce(
          (longest, { atMs, waitedMs }) =>
            atMs >= fromMs && atMs <= toMs ? Math.max(longest, waitedMs) : longest,
          0,
        );
    },
  };
};
