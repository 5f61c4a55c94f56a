import { setImmediate } from "node:timers/promises";
import type { Report } from "pagurus";
import { overSink } from "./over.ts";

export { config } from "./over.ts";

/** Says thanks, and writes two reports at a time. */
export default overSink((sound) => {
  let kept: Report | undefined;
  return {
    async deliver(report, options) {
      await setImmediate();
      const first = kept;
      kept = first ? undefined : report;
      if (!first) return;
      await sound.deliver(first, options);
      await sound.deliver(report, options);
    },
  };
});
