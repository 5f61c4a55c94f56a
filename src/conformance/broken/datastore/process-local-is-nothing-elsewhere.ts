import { overLocal } from "./over.ts";

/** Shows every process what it says to live in one alone. */
export default overLocal({
  datastore: (sound) => ({ capabilities: { ...sound.capabilities, "process-local": true } }),
});
