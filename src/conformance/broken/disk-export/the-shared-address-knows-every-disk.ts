import { overNbd } from "./over.ts";

/** Knows the disks that were there when it began to listen. */
export default overNbd({
  export: (sound) => ({
    async listen(directory) {
      const disks = directory.list();
      if (!sound.listen) throw new Error("the sound export listens");
      return sound.listen({
        list: () => disks,
        handOver: (disk, fd, negotiated) => directory.handOver(disk, fd, negotiated),
      });
    },
  }),
});
