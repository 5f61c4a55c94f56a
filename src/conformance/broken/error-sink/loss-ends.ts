import { overSink } from "./over.ts";

export { config } from "./over.ts";

/** Lets each report follow the one before: one that failed fails all. */
export default overSink((sound) => {
  let before = Promise.resolve();
  return {
    deliver(report, options) {
      before = before.then(() => sound.deliver(report, options));
      return before;
    },
  };
});
