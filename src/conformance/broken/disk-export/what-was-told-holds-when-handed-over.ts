import { overNbd } from "./over.ts";

/** Looks up the size of the disk when it adopts a client, whatever the client was told. */
export default overNbd({
  attachment: (sound, disk) => ({
    adopt: (fd, negotiated) => sound.adopt?.(fd, { ...negotiated, sizeBytes: disk.sizeBytes }),
  }),
});
