import type { Bench } from "../common/bench.ts";
export const benchMove = async (_: Bench): Promise<void> => undefined;
