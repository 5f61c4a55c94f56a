import { overMemory } from "./over.ts";

/** Answers as if it had made a layer that was there already. */
export default overMemory({
  datastore: (sound) => ({
    create: async (spec) => {
      if (!(await sound.inspect(spec.layer))) await sound.create(spec);
    },
  }),
});
