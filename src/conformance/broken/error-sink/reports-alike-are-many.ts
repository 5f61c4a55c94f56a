import { overSink } from "./over.ts";

export { config } from "./over.ts";

/** Leaves out what reads like the report before. */
export default overSink((sound) => {
  let before = "";
  return {
    async deliver(report, options) {
      if (report.sentence !== before) await sound.deliver(report, options);
      before = report.sentence;
    },
  };
});
