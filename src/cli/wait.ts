import { z } from "../contract/index.ts";
import { answer, type Cli, remark } from "./cli.ts";
import { exitCodes } from "./exit-code.ts";
import { followJob, type Job, jobOf } from "./follow-job.ts";
import { createProgressLine, createProgressText } from "./progress-line.ts";
import { rendered } from "./render.ts";

/** Prints a job that was started; with `wait`, follows it and prints what it became. */
export const waitFor = async (cli: Cli, output: unknown, wait: boolean): Promise<void> => {
  const job = jobOf(output);
  if (wait) return watch(cli, job.id);
  if (cli.options.json) return answer(cli, output);
  cli.host.out.write(`job ${job.id} is ${job.state}\n`);
  remark(cli, `Watch it with \`pagurus jobs watch ${job.id}\`.`);
};

/** Follows a job with a progress line, prints what it became, and ends with its exit code. */
export const watch = async (cli: Cli, id: string): Promise<void> => {
  const { host, options } = cli;
  const engine = await cli.engine();
  const line = createProgressLine(options.json ? host.err : host.out, host.clock);
  const textOf = createProgressText(id);
  let job: Job;
  try {
    job = await followJob(engine, id, {
      clock: host.clock,
      signal: host.signal,
      show: (progress) => options.quiet || line.show(textOf(progress)),
    });
  } finally {
    if (!options.quiet) line.end();
  }
  if (options.json) answer(cli, job);
  else host.out.write(await account(cli, job));
  cli.endWith(job.state === "succeeded" ? exitCodes.ok.code : exitCodes.internal.code);
};

/** What became of a job, for people: its end, why it failed, and its figures. */
const account = async (cli: Cli, job: Job): Promise<string> => {
  const { id, state, progress: _, input: __, report, ...figures } = job;
  const why = report === undefined ? "" : `${await sentenceOfReport(cli, report)}\n`;
  return `job ${id} ${state === "cancelled" ? "was cancelled" : state}\n${why}${rendered(figures)}`;
};

const Report = z.looseObject({ sentence: z.string() });

/** A job names its report by its id, or has it in itself. */
const sentenceOfReport = async (cli: Cli, report: unknown): Promise<string> => {
  if (typeof report !== "string") return Report.safeParse(report).data?.sentence ?? "";
  const engine = await cli.engine();
  return engine
    .invoke("reports.show", { id: report })
    .then(({ output }) => Report.parse(output).sentence)
    .catch(() => `See \`pagurus reports show ${report}\`.`);
};
