import type { JsonObject } from "../contract/index.ts";
import type { CliHost, TextOut } from "./host.ts";
import { quantityOf } from "./quantity.ts";

/** How often a line is added where lines can't be rewritten. */
const PLAIN_LINE_MS = 1000;

/** Makes the line of each progress of one job, `id`; its percent never runs backwards. */
export const createProgressText = (id: string): ((progress: JsonObject) => string) => {
  let highest = 0;
  return (progress) => {
    const quantity = (name: string) => {
      const value = progress[name];
      return typeof value === "number" ? quantityOf(name, value) : undefined;
    };
    const said = (name: string, say: (text: string) => string) => {
      const text = quantity(name);
      return text === undefined ? [] : [say(text)];
    };
    const percent = progress["percent"];
    if (typeof percent === "number") highest = Math.max(highest, Math.min(100, Math.floor(percent)));
    if (progress["phase"] === "ready" && progress["switchOver"] === "manual")
      // What is to be done comes first: a narrow terminal cuts the rest.
      return [
        `ready: switch with \`pagurus migrations switch ${id}\``,
        ...said("predictedPauseMs", (pause) => `pause about ${pause}`),
        ...said("dirtyBytes", (size) => `dirty ${size}`),
        ...said("dirtyBytesPerSecond", (rate) => `written ${rate}`),
      ].join("  ");
    return [
      String(progress["phase"] ?? "running").padEnd(10),
      `${String(highest).padStart(3)}%`,
      ...said("planned", (planned) => `${quantity("scenarios") ?? 0} of ${planned} scenarios`),
      ...(typeof progress["failed"] === "number" && progress["failed"] > 0
        ? [`${progress["failed"]} failed`]
        : []),
      ...said("round", (round) => `round ${round}`),
      ...said("bytesCopied", (size) => `${size} copied`),
      ...said("bytesPerSecond", (rate) => rate),
      ...said("dirtyBytes", (size) => `dirty ${size}`),
      ...said("dirtyBytesPerSecond", (rate) => `written ${rate}`),
      ...said("predictedPauseMs", (pause) => `pause about ${pause}`),
      ...said("predictedEndMs", (end) => `ends in ${end}`),
      ...(progress["predictedEndMs"] === null ? ["no end in sight"] : []),
    ].join("  ");
  };
};

/** One line that is rewritten on a terminal; elsewhere whole lines, at most one a second. */
export const createProgressLine = (out: TextOut, clock: Pick<CliHost["clock"], "monotonicMs">) => {
  let lastMs = Number.NEGATIVE_INFINITY;
  return {
    show(line: string): void {
      if (out.isTTY) {
        out.write(`\r${line.slice(0, (out.columns ?? 80) - 1)}\u001b[K`);
        return;
      }
      const nowMs = clock.monotonicMs();
      if (nowMs - lastMs < PLAIN_LINE_MS) return;
      lastMs = nowMs;
      out.write(`${line}\n`);
    },
    /** Leaves the terminal's line empty for what comes next. */
    end(): void {
      if (out.isTTY) out.write("\r\u001b[K");
    },
  };
};
