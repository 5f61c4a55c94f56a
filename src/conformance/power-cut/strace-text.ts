/** One system call of a traced process, begun at one line of the trace and ended at another, or never. */
export interface Call {
  readonly pid: number;
  readonly name: string;
  readonly args: readonly string[];
  readonly begun: number;
  /** `Infinity`: it was under way when the trace ended. */
  readonly ended: number;
  /** What it answered: -1 where it failed; `undefined` where it never ended. */
  readonly result: number | undefined;
}

const whole = /^(\d+) +(\w+)\((.*)\) += +(-?\w+|\?).*$/;
const unfinished = /^(\d+) +(\w+)\((.*?),? *<unfinished \.\.\.>$/;
const resumed = /^(\d+) +<\.\.\. (\w+) resumed>(.*)\) += +(-?\w+|\?).*$/;

/** Reads what `strace -f -xx -o` has written. Lines of signals and exits are passed over. */
export const callsOf = (text: string): readonly Call[] => {
  const calls: Call[] = [];
  const open = new Map<number, { name: string; args: string; begun: number }>();
  const end = (line: number, { pid, name, args, begun }: Begun, answer?: string) => {
    const result = answer === undefined || answer === "?" ? undefined : Number(answer);
    const ended = result === undefined ? Number.POSITIVE_INFINITY : line;
    calls.push({ pid, name, args: argumentsOf(args), begun, ended, result });
  };
  for (const [line, content] of text.split("\n").entries()) {
    const one = whole.exec(content);
    if (one) {
      const [, pid, name = "", args = "", answer] = one;
      end(line, { pid: Number(pid), name, args, begun: line }, answer);
      continue;
    }
    const begins = unfinished.exec(content);
    if (begins) open.set(Number(begins[1]), { name: begins[2] ?? "", args: begins[3] ?? "", begun: line });
    const ends = resumed.exec(content);
    const begun = ends && open.get(Number(ends[1]));
    if (!ends || !begun) continue;
    open.delete(Number(ends[1]));
    const args = [begun.args, (ends[3] ?? "").replace(/^, */, "")].filter((part) => part !== "").join(", ");
    end(line, { ...begun, pid: Number(ends[1]), args }, ends[4]);
  }
  for (const [pid, begun] of open) end(begun.begun, { ...begun, pid });
  return calls.sort((a, b) => a.begun - b.begun);
};

interface Begun {
  readonly pid: number;
  readonly name: string;
  readonly args: string;
  readonly begun: number;
}

/** Parts what commas part outside of quotes and brackets. */
const argumentsOf = (text: string): readonly string[] => {
  const found: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at] ?? "";
    // Whatever is quoted is written as `\xNN`: the next quote ends it.
    if (letter === '"') at = Math.max(at, text.indexOf('"', at + 1));
    else if ("[{(".includes(letter)) depth++;
    else if ("]})".includes(letter)) depth--;
    else if (letter === "," && depth === 0) {
      found.push(text.slice(from, at).trim());
      from = at + 1;
    }
  }
  if (from < text.length) found.push(text.slice(from).trim());
  return found;
};

/** The bytes of all texts in an argument, one after the other. */
export const bytesOf = (argument = ""): Buffer => {
  const texts = argument.match(/"(?:\\x[0-9a-f]{2})*"/g) ?? [];
  return Buffer.concat(texts.map((text) => Buffer.from(text.replaceAll(/["\\x]/g, ""), "hex")));
};
