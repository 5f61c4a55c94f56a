/** How much of what it told is shown: of its beginning, of its complaints and of its end. */
const SHOWN_LINES = 12;

/** What the guest's `init` tells; the rest of a line behind a name of these is what it is about. */
const aboutFile = /^(flushed|written|changing|holds) (\S+) ?(\S*)$/;
/** What no disk may make it tell. Its kernel's other errors come of a machine that is too slow to be one. */
const complaint = /^(wrong|failed): |^kernel [0-4]: .*(vda|EXT4|JBD2|I\/O error|blocked for more than)/;

interface Content {
  readonly sum: string;
  /** Whether the file must be as it is also after a crash of the guest. */
  readonly flushed: boolean;
}

interface Waiting {
  readonly pattern: RegExp;
  readonly tell: (found: RegExpExecArray) => void;
  readonly fail: (reason: Error) => void;
}

/** What a guest tells on its console, and what follows from it. */
export class GuestConsole {
  readonly #lines: string[] = [];
  readonly #files: Map<string, Content>;
  /** What the guest found when it was told to list its files. */
  readonly found = new Map<string, string>();
  #rest = "";
  #waiting: Waiting[] = [];
  #over: string | undefined;

  /** `files` are there from the beginning, by their checksums. */
  constructor(files: ReadonlyMap<string, string>) {
    this.#files = new Map([...files].map(([path, sum]) => [path, { sum, flushed: true }]));
  }

  hear(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#take(line.trimEnd());
  }

  /** Nothing more will come; `words` are QEMU's own. */
  end(words: string): void {
    this.#over = words;
    for (const { fail, pattern } of this.#waiting.splice(0)) fail(this.#lacks(pattern));
  }

  /** The next line that fits, from now on. */
  next(pattern: RegExp): Promise<RegExpExecArray> {
    if (this.#over !== undefined) return Promise.reject(this.#lacks(pattern));
    return new Promise((tell, fail) => this.#waiting.push({ pattern, tell, fail }));
  }

  /** Files with their checksums that must be there: all that were written, or those that outlive the guest's death. */
  files({ afterCrash = false } = {}): ReadonlyMap<string, string> {
    const sure = [...this.#files].filter(([, { flushed }]) => flushed || !afterCrash);
    return new Map(sure.map(([path, { sum }]) => [path, sum]));
  }

  /** Whether it repeats what its kernel says: otherwise an error would not be heard. */
  get hearsItsKernel(): boolean {
    return this.#lines.some((line) => /^kernel \d: .*EXT4-fs \(vda\): mounted/.test(line));
  }

  /** The first ones. */
  get complaints(): readonly string[] {
    return this.#lines.filter((line) => complaint.test(line)).slice(0, SHOWN_LINES);
  }

  /** How it began, what it complained about, and its end; without its account of each file. */
  get excerpt(): string {
    const told = this.#lines.filter((line) => !aboutFile.test(line));
    return [
      ...told.slice(0, SHOWN_LINES),
      `… ${this.#lines.length} lines in all; complaints: ${this.complaints.length === 0 ? "none" : ""}`,
      ...this.complaints,
      "… and at last",
      ...told.slice(SHOWN_LINES).slice(-SHOWN_LINES),
    ].join("\n");
  }

  #lacks(pattern: RegExp): Error {
    return new Error(`the guest is off and has not said ${pattern}:\n${this.excerpt}\n${this.#over}`);
  }

  #take(line: string): void {
    this.#lines.push(line);
    const [, what, path = "", sum = ""] = aboutFile.exec(line) ?? [];
    if (what === "holds") this.found.set(path, sum);
    else if (what === "changing") this.#files.delete(path);
    else if (what !== undefined) this.#files.set(path, { sum, flushed: what === "flushed" });
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const one of waiting) {
      const found = one.pattern.exec(line);
      if (found) one.tell(found);
      else this.#waiting.push(one);
    }
  }
}
