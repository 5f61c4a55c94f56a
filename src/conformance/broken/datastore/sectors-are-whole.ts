import { overFiles } from "./over-files.ts";

export const alsoCaughtBy = ["The power fails at some moment of a host's work"];

/** Sectors of the layer are none of the file: it begins with a header. */
const HEADER_BYTES = 16;

/** A header puts every sector across two of the storage's, and a power cut tears it. */
export default overFiles({
  calls: (sound) => ({
    read: (fd, into, at) => sound.read(fd, into, at + HEADER_BYTES),
    write: (fd, from, at) => sound.write(fd, from, at + HEADER_BYTES),
    truncate: (fd, sizeBytes) => sound.truncate(fd, sizeBytes + HEADER_BYTES),
  }),
});
