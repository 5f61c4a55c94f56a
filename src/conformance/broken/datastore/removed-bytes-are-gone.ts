import { overMemory } from "./over.ts";

const mostBytes = 1024 * 1024;

/** Gives a new layer the bytes of a removed one of its name. */
export default overMemory({
  datastore: (sound) => {
    const removed = new Map<string, Uint8Array>();
    return {
      remove: async (layer) => {
        const info = await sound.inspect(layer);
        if (info && info.sizeBytes <= mostBytes) {
          const old = await sound.open(layer, { sizeBytes: info.sizeBytes });
          const bytes = new Uint8Array(info.sizeBytes);
          await old.read(0, bytes);
          await old.close();
          removed.set(layer, bytes);
        }
        await sound.remove(layer);
      },
      create: async (spec) => {
        await sound.create(spec);
        const bytes = removed.get(spec.layer);
        if (!bytes) return;
        const made = await sound.open(spec.layer, { sizeBytes: spec.sizeBytes });
        await made.write(0, bytes.subarray(0, spec.sizeBytes));
        await made.close();
      },
    };
  },
});
