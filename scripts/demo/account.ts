import { quantityText } from "../../src/observations/quantity.ts";
import type { Story } from "./story.ts";

const LABEL_WIDTH = 13;

/** A line of the account: its subject, then what is said of it. */
export const lineOf = (subject: string, text: string): string => `  ${subject.padEnd(LABEL_WIDTH)}${text}\n`;

/** `12,345` */
const counted = (count: number): string => count.toLocaleString("en");
const bytes = (value: number): string => quantityText("bytes", value);
const duration = (ms: number): string => quantityText("durationMs", ms);

/** What a person wants to know of the move. */
export const accountOf = (story: Story): string =>
  [...moveLines(story), "\n", ...story.proofs.map(proofLine)].join("");

const moveLines = ({ move, movedInMs, waits, before, after, job }: Story): readonly string[] => {
  if (move === undefined)
    return [
      lineOf("not moved", String((job["report"] as { sentence?: string } | null)?.sentence ?? job.state)),
    ];
  const input = job["input"] as { maxPauseMs: number };
  return [
    lineOf("moved", `from fast to archive in ${duration(movedInMs)}, ${bytes(move.bytesCopied)} copied`),
    ...roundLines(move),
    lineOf("pause", `${duration(move.pauseMs)}, with a budget of ${duration(input.maxPauseMs)}`),
    lineOf("writes", `${counted(waits.during.writes)} answered during the move, none failed`),
    lineOf("they waited", waitText(waits.during)),
    lineOf("before it", waitText(waits.before)),
    lineOf("owner", `before  ${ownerText(before)}`),
    lineOf("", `after   ${ownerText(after)}`),
  ];
};

const roundLines = ({ moves }: NonNullable<Story["move"]>): readonly string[] =>
  (moves[0]?.rounds ?? []).map(({ round, kind, bytesCopied, bytesZero, durationMs, newDirtyBlocks }) =>
    lineOf(
      `round ${round}`,
      [
        kind.padEnd(6),
        `${bytes(bytesCopied)} copied`.padEnd(18),
        `${bytes(bytesZero)} zero`.padEnd(16),
        `in ${duration(durationMs)}`.padEnd(12),
        kind === "final" ? "the client was held" : `${counted(newDirtyBlocks)} blocks written meanwhile`,
      ].join(" "),
    ),
  );

const waitText = ({ halfMs, mostMs, longestMs }: Story["waits"]["during"]): string =>
  `${duration(halfMs)} in the middle, ${duration(mostMs)} for 99 %, ${duration(longestMs)} at the longest`;

const ownerText = ({ name, layers, epoch }: Story["before"]): string => {
  const active = layers.at(-1);
  return `${name} = ${active?.datastore}/${active?.layer}, epoch ${epoch}`;
};

const proofLine = ({ name, holds, detail }: Story["proofs"][number]): string =>
  `  ${holds ? "✓" : "✗"} ${name}: ${detail}\n`;
