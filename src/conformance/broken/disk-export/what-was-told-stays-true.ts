import { CodedError } from "../../../contract/index.ts";
import { overNbd } from "./over.ts";

/** Takes a disk that has grown since a client came for another disk. */
export default overNbd({
  connection(sound, disk) {
    const { sizeBytes } = disk;
    return {
      read(offset, into) {
        if (disk.sizeBytes !== sizeBytes) throw new CodedError("disk-closed", { disk: disk.name });
        return sound.read(offset, into);
      },
    };
  },
});
