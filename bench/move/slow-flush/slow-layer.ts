import { setTimeout as sleep } from "node:timers/promises";
import type { Layer } from "pagurus";

/** The layer itself, whatever it can do, with a delay before each flush's answer. */
export const slowLayer = (layer: Layer, flushDelayMs: number): Layer =>
  new Proxy(layer, {
    get(target, key) {
      if (key === "flush") return () => flushSlowly(target, flushDelayMs);
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });

const flushSlowly = async (layer: Layer, flushDelayMs: number): Promise<void> => {
  await layer.flush();
  await sleep(flushDelayMs);
};
