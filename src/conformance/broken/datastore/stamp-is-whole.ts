import { overFiles } from "./over-files.ts";
import { writeWhole } from "./over-files-calls.ts";

export const alsoCaughtBy = ["The power fails at some moment of a host's work"];

/** Stamps are written over the old ones, in place. */
export default overFiles({ calls: () => ({ replace: writeWhole }) });
