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
    const line = JSON.stringify({ sentence, rootCode, task, deliveredAt: clock.now() });
    await appendFile(
      this.#file,
      `${line.replace(/[\u007f-\u009f\u2028\u2029]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`)}\n`,
    );
    log.debug("a report has drifted ashore", { report: report.id });
  }
}
