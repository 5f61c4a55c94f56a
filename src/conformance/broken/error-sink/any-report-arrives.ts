import { overSink } from "./over.ts";

export { config } from "./over.ts";

/** Makes a link of every report, which takes well-formed text. */
export default overSink((sound) => ({
  deliver: (report, options) =>
    sound.deliver({ ...report, details: `#${encodeURIComponent(report.sentence)}` }, options),
}));
