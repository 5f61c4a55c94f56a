import { z } from "pagurus";
import { overFunction } from "./over.ts";

/** Answers with a date, for which JSON has no word. */
export default overFunction("count", () => ({
  output: z.object({ at: z.date() }),
  run: () => ({ at: new Date(0) }),
}));
