import { overCatalog } from "./over.ts";

/** Says nothing of what it can do, not even that it can nothing. */
export default overCatalog(() => ({ capabilities: undefined as never }));
