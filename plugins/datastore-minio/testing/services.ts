import type { Log, Metrics } from "pagurus";

export interface LogLine {
  readonly level: keyof Log;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A log, and what was written to it. */
export const recordingLog = (): { readonly log: Log; readonly lines: readonly LogLine[] } => {
  const lines: LogLine[] = [];
  const at =
    (level: keyof Log) =>
    (message: string, data: Readonly<Record<string, unknown>> = {}): void => {
      lines.push({ level, message, data });
    };
  return { log: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") }, lines };
};

/** Metrics, and the value of each name, of the labels that came last. */
export const recordingMetrics = (): {
  readonly metrics: Metrics;
  readonly values: ReadonlyMap<string, number>;
} => {
  const values = new Map<string, number>();
  return {
    values,
    metrics: {
      counter: (name) => ({ add: (amount) => void values.set(name, (values.get(name) ?? 0) + amount) }),
      gauge: (name) => ({ set: (value) => void values.set(name, value) }),
    },
  };
};
