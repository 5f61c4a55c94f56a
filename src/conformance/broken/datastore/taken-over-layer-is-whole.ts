import { overTakeovers } from "./over-takeovers.ts";

/** The next host takes it over from one that is lost. */
export const alsoCaughtBy = [
  "A host is lost after a flush",
  "A host is lost at some moment of its work",
  "A host is lost after it zeroed and flushed",
];

/** Who takes a layer over finds nothing of what its writer has done. */
export default overTakeovers({ taken: (layer) => layer.zero(0, layer.sizeBytes) });
