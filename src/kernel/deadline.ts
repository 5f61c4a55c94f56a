import type { Clock } from "../contract/services.ts";

/** Waits for `work`, which is told by its signal when `ms` have passed or `signal` fires; then `late` is thrown. */
export async function withDeadline<T>(
  work: (signal: AbortSignal) => Promise<T> | T,
  { clock, ms, late, signal }: { clock: Clock; ms: number; late: () => Error; signal?: AbortSignal },
): Promise<T> {
  const expired = new AbortController();
  const both = signal ? AbortSignal.any([signal, expired.signal]) : expired.signal;
  return new Promise<T>((resolve, reject) => {
    const cancel = clock.after(ms, () => {
      const error = late();
      reject(error);
      expired.abort(error);
    });
    Promise.resolve()
      .then(() => work(both))
      .then(resolve, reject)
      .finally(cancel);
  });
}
