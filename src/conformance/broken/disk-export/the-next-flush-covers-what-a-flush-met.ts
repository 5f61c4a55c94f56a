import type { ExportedDisk } from "../../../contract/index.ts";
import { overNbd } from "./over.ts";

/** Takes a disk for flushed when a flush has ended, and leaves out flushes of those that are. */
export default overNbd(() => {
  const flushed = new WeakSet<ExportedDisk>();
  return {
    connection: (sound, disk) => ({
      write(offset, from) {
        flushed.delete(disk);
        return sound.write(offset, from);
      },
      zero(offset, length, options) {
        flushed.delete(disk);
        return sound.zero(offset, length, options);
      },
      async flush() {
        if (flushed.has(disk)) return;
        await sound.flush();
        flushed.add(disk);
      },
    }),
  };
});
