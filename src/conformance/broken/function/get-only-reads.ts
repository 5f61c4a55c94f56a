import { overFunction } from "./over.ts";

/** Writes when it is only looked at, as browsers and caches do unasked. */
export default overFunction("show", () => ({ effect: "write" }));
