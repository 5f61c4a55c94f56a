import { overNbd } from "./over.ts";

/** Listens for all disks, and says that it doesn't. */
export default overNbd({
  export: ({ capabilities }) => ({ capabilities: { ...capabilities, "shared-address": false } }),
});
