import { overFunction } from "./over.ts";

/** Gives one flag to two fields. */
export default overFunction("add", () => ({
  cli: { positionals: ["folder", "name"], flags: { text: "name" } },
}));
