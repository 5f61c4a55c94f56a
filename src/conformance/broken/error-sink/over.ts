import { appendFile } from "node:fs/promises";
import { definePlugin, ErrorSink, FilePath, type Plugin, type Report, z } from "pagurus";

/** Where the reports of a broken sink go. */
export const config = { file: "{tmp}/reports" };

/** One line of JSON, without characters that a reader could take for something else. */
export const lineOf = (report: Report): string =>
  `${JSON.stringify(report).replace(/[\u007f-\u009f\u2028\u2029]/g, "?")}\n`;

const sound = (id: string, file: string): ErrorSink => ({
  id,
  deliver: (report) => appendFile(file, lineOf(report)),
});

/** A plugin whose sink, which appends to `file`, is sound but for what `broken` puts in place. */
export const overSink = (broken: (sound: ErrorSink, file: string) => Partial<ErrorSink>): Plugin =>
  definePlugin({
    id: "broken-sink",
    apiVersion: 1,
    summary: "An error sink that breaks one rule",
    provides: [ErrorSink],
    config: z.strictObject({ file: FilePath.describe("file that reports are appended to") }),
    register({ bind, id, config: { file } }) {
      bind(ErrorSink).toConstantValue({ ...sound(id, file), ...broken(sound(id, file), file) });
    },
  });
