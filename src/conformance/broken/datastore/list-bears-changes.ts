import type { LayerInfo } from "pagurus";
import { overMemory } from "./over.ts";

const pageLength = 15;

/** Finds each page of the list by how many layers came before it, as they are by then. */
export default overMemory({
  datastore: (sound) => ({
    async *list() {
      for (let from = 0; ; from += pageLength) {
        const all: LayerInfo[] = [];
        for await (const info of sound.list()) all.push(info);
        yield* all.slice(from, from + pageLength);
        if (all.length <= from + pageLength) return;
      }
    },
  }),
});
