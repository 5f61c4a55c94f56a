import { z } from "pagurus";
import { overFunction } from "./over.ts";

/** Has in its path what its input may be without. */
export default overFunction("show", () => ({
  input: z.strictObject({ name: z.string().optional() }),
  run: ({ name = "" }: { name?: string }) => ({ name, bytes: 0 }),
}));
