import type { Clock } from "pagurus";

/** A clock on which every sleep is over at once; what was slept is in `slept`. */
export const impatientClock = (): Clock & { readonly slept: readonly number[] } => {
  const slept: number[] = [];
  let passedMs = 0;
  return {
    slept,
    now: () => Date.now() + passedMs,
    monotonicMs: () => performance.now() + passedMs,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      slept.push(ms);
      passedMs += ms;
    },
    after: (ms, then) => {
      const timer = setTimeout(then, ms);
      return () => clearTimeout(timer);
    },
  };
};
