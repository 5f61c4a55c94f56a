import type { ErrorSink, Log } from "pagurus";

/** Writes each report as one line, which steers no terminal: its sentence, and what a search would look for. */
export const logSink = (id: string, log: Log): ErrorSink => ({
  id,
  deliver({ sentence, id: report, task, job, disks, rootCode }) {
    log.error(sentence.replace(/[\s\p{Cc}]+/gu, " "), {
      report,
      task,
      ...(job ? { job } : {}),
      disks,
      rootCode,
    });
  },
});
