import { appendFile } from "node:fs/promises";
/** A line for each report. */
export class DriftwoodSink {
  id;
  #file;
  #services;
  constructor(id, file, services) {
    this.id = id;
    this.#file = file;
    this.#services = services;
  }
  async deliver(report) {
    const { log, clock } = this.#services;
    const { sentence, rootCode, task } = report;
    await appendFile(
      this.#file,
      `${JSON.stringify({ sentence, rootCode, task, deliveredAt: clock.now() })}\n`,
    );
    log.debug("a report has drifted ashore", { report: report.id });
  }
}
