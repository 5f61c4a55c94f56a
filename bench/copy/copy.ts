import type { Bench } from "../common/bench.ts";
export const benchCopy = async (_: Bench): Promise<void> => undefined;
