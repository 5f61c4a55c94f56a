import { overFunction } from "./over.ts";

/** Has an example of an input that it had before its last change. */
export default overFunction("show", () => ({ examples: [{ name: "first" }, { note: "first" }] }));
