import { CodedError } from "../../../contract/index.ts";
import { overNbd } from "./over.ts";

/** Remembers every disk that it has served, and refuses it a second time. */
export default overNbd({
  export(sound) {
    const served = new Set<string>();
    return {
      async attach(disk) {
        if (served.has(disk.disk))
          throw new CodedError("export-listen-failed", {
            export: sound.id,
            address: disk.name,
            reason: "the disk is served already",
          });
        served.add(disk.disk);
        return sound.attach(disk);
      },
    };
  },
});
