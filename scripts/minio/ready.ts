import { setTimeout as sleep } from "node:timers/promises";

const LOOK_MS = 20;
const ANSWER_MS = 2_000;
const READY_MS = 60_000;

/** Resolves when the server answers requests; rejects when that takes too long, or with the signal's reason. */
export const untilReady = async (url: string, signal?: AbortSignal): Promise<void> => {
  const late = AbortSignal.timeout(READY_MS);
  while (!(await isReady(url))) {
    signal?.throwIfAborted();
    if (late.aborted) throw new Error(`MinIO at ${url} isn't ready after ${READY_MS} ms`);
    await sleep(LOOK_MS);
  }
};

const isReady = (url: string): Promise<boolean> =>
  fetch(`${url}/minio/health/cluster`, { signal: AbortSignal.timeout(ANSWER_MS) }).then(
    ({ ok }) => ok,
    () => false,
  );
