import type { Report } from "pagurus";
import { overSink } from "./over.ts";

export { config } from "./over.ts";

/** Makes room for its own in what isn't its own. */
export default overSink((sound) => ({
  deliver: (report, options) =>
    sound.deliver(Object.assign<Report, object>(report, { details: "sent" }), options),
}));
