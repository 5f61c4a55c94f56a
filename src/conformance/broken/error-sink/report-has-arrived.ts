import type { Report } from "pagurus";
import { overSink } from "./over.ts";

export { config } from "./over.ts";

/** Takes jobs for important and brings what calls have to report with the next one of a job. */
export default overSink((sound) => {
  const later: Report[] = [];
  return {
    async deliver(report, options) {
      if (report.job === undefined) later.push(report);
      else for (const one of [...later.splice(0), report]) await sound.deliver(one, options);
    },
  };
});
