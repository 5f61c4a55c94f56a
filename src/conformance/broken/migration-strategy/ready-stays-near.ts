import { broken } from "./over.ts";

/** Looks at what the guest writes while it waits once in ten seconds. */
export default broken(() => ({ settle: (move) => move.settle(10_000) }));
