import { overNbd } from "./over.ts";

/** Lets several clients in, and says that it doesn't. */
export default overNbd({
  export: ({ capabilities }) => ({ capabilities: { ...capabilities, "many-clients": false } }),
});
