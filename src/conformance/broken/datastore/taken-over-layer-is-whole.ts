import { overTakeovers } from "./over-takeovers.ts";

/** Who takes a layer over finds nothing of what its writer has done. */
export default overTakeovers({ taken: (layer) => layer.zero(0, layer.sizeBytes) });
