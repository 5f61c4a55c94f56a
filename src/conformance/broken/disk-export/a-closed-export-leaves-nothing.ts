import { openSync } from "node:fs";
import { overNbd } from "./over.ts";

/** Opens something for each disk and never closes it. */
export default overNbd({
  export: (sound, { dataDir }) => ({
    attach(disk) {
      openSync(dataDir, "r");
      return sound.attach(disk);
    },
  }),
});
