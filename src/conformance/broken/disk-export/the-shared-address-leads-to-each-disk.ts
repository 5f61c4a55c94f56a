import { overNbd } from "./over.ts";

/** Hands every client to the first disk. */
export default overNbd({
  export: (sound) => ({
    async listen(directory) {
      const handOver: typeof directory.handOver = (disk, fd, negotiated) =>
        directory.handOver(directory.list()[0]?.disk ?? disk, fd, negotiated);
      if (!sound.listen) throw new Error("the sound export listens");
      return sound.listen({ list: () => directory.list(), handOver });
    },
  }),
});
