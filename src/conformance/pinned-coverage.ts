import { readFile, writeFile } from "node:fs/promises";
import { basename, isAbsolute, relative, resolve, sep } from "node:path";
import { CodedError, reasonOf, z } from "../contract/index.ts";
import type { SubjectResult } from "./conformance.ts";
import { subjectText } from "./failure-text.ts";
import { demandWritable } from "./reporters/demand-writable.ts";

/** What is kept of a subject: whose it is, and how many of its scenarios ran, in all and by capability. */
const Pin = z.strictObject({
  plugin: z.string(),
  /** The configuration file that it is in, as `fileOf` has it; absent where the plugin was named. */
  file: z.string().optional(),
  ran: z.number(),
  of: z.number(),
  capabilities: z.record(z.string(), z.number()),
  notProven: z.array(z.string()),
});
type Pin = z.infer<typeof Pin>;

/** By subject, as people read it, and by its file too where another file's has the same name. */
const Pins = z.record(z.string(), Pin);
type Pins = z.infer<typeof Pins>;

/** What was put to the test, and how it was chosen. */
interface Tried {
  readonly subjects: readonly SubjectResult[];
  readonly configFile?: string | undefined;
  readonly point?: string | undefined;
}

/**
 * From the working directory, the same on every machine; of a file outside of it the name alone, for its folder may be
 * another one each time.
 */
const fileOf = ({ configFile }: Tried): Pick<Pin, "file"> => {
  if (configFile === undefined) return {};
  const inside = relative(process.cwd(), resolve(configFile));
  const isOutside = isAbsolute(inside) || inside.split(sep)[0] === "..";
  return { file: isOutside ? basename(configFile) : inside.replaceAll(sep, "/") };
};

/** Under which the file has, or would have, this subject; two configuration files may have instances of one name. */
const keyOf = (pins: Pins, subject: SubjectResult, { file }: Pick<Pin, "file">): string => {
  const text = subjectText(subject);
  const withFile = `${text} ${file === undefined ? "named by itself" : `in ${file}`}`;
  const pinned = pins[text];
  return Object.hasOwn(pins, withFile) || (pinned && pinned.file !== file) ? withFile : text;
};

const pinOf = ({
  plugin,
  coverage: { ran, of, capabilities, notProven },
}: SubjectResult): Omit<Pin, "file"> => ({
  plugin,
  ran,
  of,
  capabilities: Object.fromEntries(Object.entries(capabilities).map(([name, share]) => [name, share.ran])),
  notProven: [...notProven],
});

const isMissing = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ENOENT";

const reasonIn = (error: unknown): string =>
  error instanceof z.ZodError
    ? error.issues.map(({ path, message }) => `\`${path.join(".")}\`: ${message}`).join("; ")
    : reasonOf(error);

/** A file that is yet to be written for the first time says nothing. */
const readPins = async (path: string, renew: boolean): Promise<Pins> => {
  try {
    return Pins.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (cause) {
    if (renew && isMissing(cause)) return {};
    const problem = isMissing(cause)
      ? "it is missing; --renew-coverage writes it for the first time"
      : `it isn't what --renew-coverage writes: ${reasonIn(cause)}`;
    throw new CodedError("usage-invalid", {
      problem: `The coverage file ${path} can't be read: ${problem}`,
      help: "pagurus conform --help",
    });
  }
};

/** Told before the run, and not after it. */
export const demandCoverageFile = async (path: string, renew: boolean): Promise<void> => {
  if (renew) demandWritable(path);
  await readPins(path, renew);
};

const without = (pins: Pins, names: readonly string[]): Pins =>
  Object.fromEntries(Object.entries(pins).filter(([name]) => !names.includes(name)));

const writePins = async (path: string, pins: Pins): Promise<void> => {
  const sorted = Object.entries(pins).sort(([one], [other]) => (one < other ? -1 : 1));
  await writeFile(path, `${JSON.stringify(Object.fromEntries(sorted), undefined, 2)}\n`);
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

/** Those that are pinned of the plugins that ran, and did not run with them. */
const missing = (pins: Pins, now: Pins, { point }: Tried): readonly string[] => {
  const ran = Object.values(now);
  return Object.keys(pins).filter(
    (name) =>
      !Object.hasOwn(now, name) &&
      ran.some(({ plugin, file }) => plugin === pins[name]?.plugin && file === pins[name]?.file) &&
      (point === undefined || name.includes(` (${point})`)),
  );
};

/**
 * What a committed file says was put to the test before and is no more, a sentence for each subject. `renew` writes
 * what is so now instead, and leaves alone what the file says of other plugins.
 */
export const lostCoverage = async (
  path: string,
  tried: Tried,
  renew: boolean,
): Promise<readonly string[]> => {
  const pins = await readPins(path, renew);
  const file = fileOf(tried);
  const now = Object.fromEntries(
    tried.subjects.map((subject): [string, Pin] => [
      keyOf(pins, subject, file),
      { ...pinOf(subject), ...file },
    ]),
  );
  const gone = missing(pins, now, tried);
  if (renew) {
    await writePins(path, { ...without(pins, gone), ...now });
    return [];
  }
  const losses = Object.entries(now).map(([name, coverage]): [string, readonly string[]] => {
    const pinned = pins[name];
    return [name, pinned ? lossesOf(pinned, coverage) : ["nothing is said of it there yet"]];
  });
  return [...losses, ...gone.map((name) => [name, ["it isn't put to the test at all any more"]] as const)]
    .filter(([, lost]) => lost.length > 0)
    .map(
      ([name, lost]) =>
        `${name}: it is put to the test less than ${path} says: ${lost.join("; ")}. Where that is meant, renew the file with --renew-coverage`,
    );
};
