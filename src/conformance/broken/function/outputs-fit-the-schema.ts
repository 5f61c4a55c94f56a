import { overFunction } from "./over.ts";

/** Answers with a text where its schema has a number. */
export default overFunction("count", () => ({ run: () => ({ notes: "none" }) }));
