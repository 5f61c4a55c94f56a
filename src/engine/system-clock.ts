import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "../contract/index.ts";

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) =>
    delay(ms, undefined, { signal }).catch(() => {
      throw signal?.reason;
    }),
  after(ms, then) {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
};
