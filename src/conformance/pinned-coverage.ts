import { readFile, writeFile } from "node:fs/promises";
import { CodedError, reasonOf, z } from "../contract/index.ts";
import type { SubjectResult } from "./conformance.ts";
import { subjectText } from "./failure-text.ts";

/** What is kept of a subject's coverage: how many scenarios ran, in all and by capability. */
const Pin = z.strictObject({
  ran: z.number(),
  of: z.number(),
  capabilities: z.record(z.string(), z.number()),
  notProven: z.array(z.string()),
});
type Pin = z.infer<typeof Pin>;

/** By subject, as people read it. */
const Pins = z.record(z.string(), Pin);
type Pins = z.infer<typeof Pins>;

const pinOf = ({ coverage: { ran, of, capabilities, notProven } }: SubjectResult): Pin => ({
  ran,
  of,
  capabilities: Object.fromEntries(Object.entries(capabilities).map(([name, share]) => [name, share.ran])),
  notProven: [...notProven],
});

const isMissing = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ENOENT";

const readPins = async (path: string): Promise<Pins> => {
  try {
    return Pins.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (cause) {
    if (isMissing(cause)) return {};
    throw new CodedError("config-unreadable", { path, reason: reasonOf(cause) }, { cause });
  }
};

const lossesOf = (pinned: Pin, now: Pin): readonly string[] => [
  ...(now.ran < pinned.ran ? [`${now.ran} of its scenarios ran, ${pinned.ran} did before`] : []),
  ...Object.entries(pinned.capabilities)
    .filter(([name, ran]) => (now.capabilities[name] ?? 0) < ran)
    .map(([name, ran]) => `${now.capabilities[name] ?? 0} for ${name}, ${ran} before`),
  ...now.notProven
    .filter((what) => !pinned.notProven.includes(what))
    .map((what) => `${what} is no longer proven`),
];

/**
 * What a committed file says was put to the test before and is no more, a sentence for each subject. `renew` writes
 * what is so now instead, and leaves alone what the file says of other subjects.
 */
export const lostCoverage = async (
  path: string,
  subjects: readonly SubjectResult[],
  renew: boolean,
): Promise<readonly string[]> => {
  const pins = await readPins(path);
  const now = Object.fromEntries(
    subjects.map((subject): [string, Pin] => [subjectText(subject), pinOf(subject)]),
  );
  if (renew) {
    const all = Object.entries({ ...pins, ...now }).sort(([one], [other]) => (one < other ? -1 : 1));
    await writeFile(path, `${JSON.stringify(Object.fromEntries(all), undefined, 2)}\n`);
    return [];
  }
  return Object.entries(now).flatMap(([name, coverage]) => {
    const pinned = pins[name];
    const losses = pinned ? lossesOf(pinned, coverage) : ["nothing is said of it there yet"];
    if (losses.length === 0) return [];
    return [
      `${name}: it is put to the test less than ${path} says: ${losses.join("; ")}. Where that is meant, renew the file with --renew-coverage`,
    ];
  });
};
