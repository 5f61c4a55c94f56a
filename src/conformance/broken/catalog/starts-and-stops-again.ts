import { overCatalog } from "./over.ts";

/** Takes its second start for a mistake of whoever called it. */
export default overCatalog((catalog) => {
  let started = false;
  return {
    async start(options) {
      if (started) throw new TypeError("it was started already");
      await catalog.start?.(options);
      started = true;
    },
  };
});
