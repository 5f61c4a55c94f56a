import type { Bench } from "../common/bench.ts";
export const benchServe = async (_: Bench): Promise<void> => undefined;
