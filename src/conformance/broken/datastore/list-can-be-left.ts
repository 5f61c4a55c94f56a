import { overMemory } from "./over.ts";

/** Holds its one cursor until a list was read to its end, and lists nothing meanwhile. */
export default overMemory({
  datastore: (sound) => {
    let held = false;
    return {
      async *list() {
        if (held) return;
        held = true;
        yield* sound.list();
        held = false;
      },
    };
  },
});
