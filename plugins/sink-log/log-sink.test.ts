import type { Log, Report } from "pagurus";
import { expect, it } from "vitest";
import { logSink } from "./log-sink.ts";

const report: Report = {
  id: "r7",
  at: 0,
  task: "migrations.start",
  job: "j3",
  disks: ["web"],
  sentence: "Moving web to slow failed because the disk\nis full.",
  rootCode: "no-space",
  chain: { code: "no-space", data: {}, at: 0, causes: [] },
};

it("writes one error line per report, with its sentence, task, job and root code", () => {
  const lines: unknown[] = [];
  const refuse = () => {
    throw new Error("a report is an error");
  };
  const log: Log = { debug: refuse, info: refuse, warn: refuse, error: (...line) => lines.push(line) };
  logSink("log", log).deliver(report, { signal: new AbortController().signal });
  expect(lines).toEqual([
    [
      "Moving web to slow failed because the disk is full.",
      { report: "r7", task: "migrations.start", job: "j3", disks: ["web"], rootCode: "no-space" },
    ],
  ]);
});
