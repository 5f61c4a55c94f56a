import { overSink } from "./over.ts";

export { config } from "./over.ts";

/** Does nothing once it was stopped, and says nothing. */
export default overSink((sound) => {
  let stopped = false;
  return {
    async deliver(report, options) {
      if (!stopped) await sound.deliver(report, options);
    },
    stop() {
      stopped = true;
    },
  };
});
