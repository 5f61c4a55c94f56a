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

/** One small write after another, all of them to the last block of the disk, each timed. */
export const startProbe = async (uri: string, signal: AbortSignal): Promise<Probe> => {
  const client = await NbdClient.connect(uri, { signal });
  const block = Buffer.alloc(BLOCK_BYTES, 1);
  const answers: { readonly atMs: number; readonly waitedMs: number }[] = [];
  const ended = new AbortController();
  const probing = (async () => {
    while (!ended.signal.aborted) {
      const askedMs = performance.now();
      await client.write(client.sizeBytes - BLOCK_BYTES, block);
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
