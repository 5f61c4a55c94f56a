import { overNbd } from "./over.ts";

/** Lets clients write, and says that it doesn't. */
export default overNbd({
  export: ({ capabilities }) => ({ capabilities: { ...capabilities, writable: false } }),
});
