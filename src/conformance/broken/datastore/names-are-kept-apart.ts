import { overMemory } from "./over.ts";

const short = (name: string): string => (name.length > 128 ? name : name.slice(0, 100));

/** Keeps the first hundred letters of a name. */
export default overMemory({
  datastore: (sound) => ({
    create: (spec) => sound.create({ ...spec, layer: short(spec.layer) }),
    open: (layer, options) => sound.open(short(layer), options),
    inspect: (layer) => sound.inspect(short(layer)),
    remove: (layer) => sound.remove(short(layer)),
  }),
});
