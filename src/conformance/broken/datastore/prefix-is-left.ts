import { overFiles } from "./over-files.ts";

/** It promises a prefix, and leaves it to the storage in which order its writes get there. */
export default overFiles({
  datastore: (sound) => ({ capabilities: { ...sound.capabilities, "prefix-consistent": true } }),
});
