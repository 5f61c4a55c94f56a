import type { Clock } from "../../contract/index.ts";

/** What `run` comes to; where it doesn't end `afterMs` after `signal` has fired, it is left to itself: rejects with the signal's reason. */
export async function untilLeft<T>(
  run: Promise<T>,
  {
    signal,
    clock,
    afterMs,
  }: { readonly signal: AbortSignal; readonly clock: Clock; readonly afterMs: number },
): Promise<T> {
  let disarm: () => void = () => undefined;
  let arm: () => void = () => undefined;
  const left = new Promise<never>((_resolve, reject) => {
    arm = () => {
      disarm = clock.after(afterMs, () => reject(signal.reason));
    };
    if (signal.aborted) arm();
    else signal.addEventListener("abort", arm, { once: true });
  });
  try {
    return await Promise.race([run, left]);
  } finally {
    signal.removeEventListener("abort", arm);
    disarm();
  }
}
