import { z } from "pagurus";
import { overFunction } from "./over.ts";

/** Takes what is wrong for a note that it knows. */
export default overFunction("show", () => ({ input: z.strictObject({ name: z.string().catch("first") }) }));
