import { overFunction } from "./over.ts";

/** Takes a word after its command that no field of its input is called. */
export default overFunction("show", () => ({ cli: { positionals: ["note"] } }));
