import { overMemory } from "./over.ts";

/** Takes names in capitals for those in small letters. */
export default overMemory({
  datastore: (sound) => ({
    create: (spec) => sound.create({ ...spec, layer: spec.layer.toLowerCase() }),
    open: (layer, options) => sound.open(layer.toLowerCase(), options),
    stamp: (layer, stamp) => sound.stamp(layer.toLowerCase(), stamp),
    remove: (layer) => sound.remove(layer.toLowerCase()),
  }),
});
