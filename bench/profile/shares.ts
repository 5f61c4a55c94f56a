/** How much of what was sampled is whose. */
export interface Share {
  readonly percent: number;
  readonly what: string;
}

/** Reads the lines of a `perf report`; code that was compiled at run time is called by the thread that runs it. */
export const sharesOf = (report: string): readonly Share[] =>
  report.split("\n").flatMap((line) => {
    const found = /^\s*(\d+\.\d+)%\s+(.*\S)/.exec(line);
    if (found === null) return [];
    const what = (found[2] ?? "")
      .replace(/\s+/g, " ")
      .replace(/^\[JIT\] tid \d+/, "compiled JavaScript")
      .replace(/( -)+$/, "");
    return [{ percent: Number(found[1]), what }];
  });
