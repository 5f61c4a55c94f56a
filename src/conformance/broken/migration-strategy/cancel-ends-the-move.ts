import { broken } from "./over.ts";

/** Waits to be asked without heed of a cancel. */
export default broken(() => ({ settle: (move) => move.clock.sleep(10) }));
