import type { Conformance, Reporter, SubjectResult } from "../conformance.ts";
import { type Coverage, capabilitiesText, needsText } from "../coverage.ts";
import { subjectText } from "../failure-text.ts";
import { countsText, type ScenarioResult } from "../tally.ts";

/** Where text for people goes. */
export interface TextSink {
  /** Not waited for. */
  write(text: string): unknown;
}

const marks: Readonly<Record<ScenarioResult["verdict"], string>> = { passed: ".", failed: "F", skipped: "-" };
/** How many results share a line. */
const WIDTH = 80;

const shareText = ({ ran, of }: { readonly ran: number; readonly of: number }): string => `${ran} of ${of}`;

/** What was put to the test and what the rest would need, capability by capability. */
const coverageText = ({ coverage, capabilities }: SubjectResult): string => {
  const shares = Object.entries(coverage.capabilities).map(
    ([name, share]) => `    ${name.padEnd(24)} ${shareText(share)}`,
  );
  return [
    `  ${shareText(coverage)} scenarios${coverage.of > coverage.ran ? `; ${needsText(coverage)}` : ""}`,
    ...(shares.length > 0 ? [`  it has ${capabilitiesText(capabilities) || "no capabilities"}`] : []),
    ...shares,
    ...coverage.notProven.map((what) => `  ${what}: not proven`),
  ].join("\n");
};

const coverageIsEmpty = ({ of }: Coverage): boolean => of === 0;

/** Tells people: a mark for each scenario as it ends, then what failed and what was covered. */
export const terminal = (out: TextSink): Reporter => {
  let column = 0;
  const line = (text: string) => {
    out.write(`${column > 0 ? "\n" : ""}${text}\n`);
    column = 0;
  };
  return {
    begin: ({ kit, seed }) =>
      line(`pagurus ${kit.version}, features ${kit.features.slice(0, 19)}, seed ${seed}`),
    subject: (subject) => line(subjectText(subject)),
    scenario({ verdict }) {
      out.write(`${marks[verdict]}${column === WIDTH - 1 ? "\n" : ""}`);
      column = (column + 1) % WIDTH;
    },
    ended: (subject) =>
      line(coverageIsEmpty(subject.coverage) ? "  none of the point's features ran" : coverageText(subject)),
    end(conformance) {
      for (const failure of conformance.failures) line(`\n${failure}`);
      line(endText(conformance));
    },
  };
};

const endText = (conformance: Conformance): string => {
  const nothing = conformance.subjects.every(({ coverage }) => coverage.ran === 0);
  const why = conformance.failures.length > 0 ? "" : ": no scenario that could run fits what was asked for";
  return `${nothing ? `\nNothing was put to the test, which counts as a failure${why}.\n` : "\n"}${countsText(conformance)}`;
};
