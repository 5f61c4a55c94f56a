import { overFiles } from "./over-files.ts";
import { writeWhole } from "./over-files-calls.ts";

/** Stamps are written over the old ones, in place. */
export default overFiles({ calls: () => ({ replace: writeWhole }) });
