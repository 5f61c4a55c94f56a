import { setImmediate } from "node:timers/promises";
import type { JournalDirectory, JournalFile } from "../journal/directory.ts";

const SECTOR_BYTES = 512;

/** Numbers below a limit. */
export type Pick = (below: number) => number;

/** What a journal may be made to believe it did. */
export type Sync = "datasync" | "sync";

/** The power of a disk. */
class Power {
  off = false;
  readonly forgets: Sync | undefined;
  #left = Number.POSITIVE_INFINITY;

  constructor(forgets: Sync | undefined) {
    this.forgets = forgets;
  }

  failAfter(steps: number): void {
    this.#left = steps;
  }

  step(): void {
    this.#left--;
    if (this.#left < 0) this.off = true;
    if (this.off) throw refused("EIO", "the power is off");
  }

  /** Covers what had been done when it was asked for; more may happen before it is answered. */
  async sync(sync: Sync, settle: () => () => void): Promise<void> {
    this.step();
    const settled = settle();
    await setImmediate();
    this.step();
    if (sync !== this.forgets) settled();
  }
}

const refused = (code: string, what: string): Error => Object.assign(new Error(`${code}: ${what}`), { code });

interface Write {
  readonly at: number;
  readonly bytes: Buffer;
}

/** Each sector that was written since the last sync is there after a cut, or isn't. */
class Content {
  #durable: Buffer;
  #written: Write[] = [];

  constructor(durable: Buffer = Buffer.alloc(0)) {
    this.#durable = durable;
  }

  get latest(): Buffer {
    return this.#written.reduce(put, this.#durable);
  }

  write(write: Write): void {
    this.#written.push(write);
  }

  /** What is written by now will be durable. */
  settle(): () => void {
    const writes = [...this.#written];
    return () => {
      this.#durable = writes.reduce(put, this.#durable);
      this.#written = this.#written.filter((write) => !writes.includes(write));
    };
  }

  survivor(pick: Pick): Content {
    let left = this.#durable;
    for (const { at, bytes } of this.#written)
      for (let start = 0; start < bytes.length; ) {
        const length = SECTOR_BYTES - ((at + start) % SECTOR_BYTES);
        if (pick(2) === 1) left = put(left, { at: at + start, bytes: bytes.subarray(start, start + length) });
        start += length;
      }
    return new Content(left);
  }
}

const put = (content: Buffer, { at, bytes }: Write): Buffer => {
  const next = Buffer.alloc(Math.max(content.length, at + bytes.length));
  content.copy(next);
  bytes.copy(next, at);
  return next;
};

type Node = Content | Names;

/** Each name is, after a cut, as it was at the last sync or at any time since. */
class Names {
  readonly #names = new Map<string, (Node | undefined)[]>();

  get latest(): string[] {
    return [...this.#names.keys()].filter((name) => this.get(name) !== undefined);
  }

  get(name: string): Node | undefined {
    return this.#names.get(name)?.at(-1);
  }

  set(name: string, node: Node | undefined): void {
    this.#names.set(name, [...(this.#names.get(name) ?? [undefined]), node]);
  }

  settle(): () => void {
    const now = [...this.#names].map(([name, versions]) => [name, versions.length - 1] as const);
    return () => {
      for (const [name, past] of now) this.#names.get(name)?.splice(0, past);
    };
  }

  survivor(pick: Pick): Names {
    const names = new Names();
    for (const [name, versions] of this.#names) {
      const node = versions[pick(versions.length)];
      if (node !== undefined) names.#names.set(name, [node.survivor(pick)]);
    }
    return names;
  }
}

/** A disk with one directory whose power can be cut. What was not synced is volatile, names too. */
export class VolatileDisk {
  readonly #power: Power;
  readonly #names: Names;

  /** `forgets`: answers that without doing it, as if the code under test had left it out. */
  constructor(forgets?: Sync, names = new Names()) {
    this.#power = new Power(forgets);
    this.#names = names;
  }

  get directory(): JournalDirectory {
    return directoryOf(this.#names, this.#power);
  }

  /** The power fails after so many more changes and syncs. */
  failAfter(steps: number): void {
    this.#power.failAfter(steps);
  }

  /** Cuts the power, and answers what is there when it is back. */
  cut(pick: Pick): VolatileDisk {
    this.#power.off = true;
    return new VolatileDisk(this.#power.forgets, this.#names.survivor(pick));
  }
}

const directoryOf = (names: Names, power: Power): JournalDirectory => {
  const file = (content: Content): JournalFile => fileOf(content, power);
  return {
    names: async () => names.latest,
    async directory(name) {
      power.step();
      const found = names.get(name);
      const inner = found instanceof Names ? found : new Names();
      if (inner !== found) names.set(name, inner);
      return directoryOf(inner, power);
    },
    async create(name) {
      power.step();
      if (names.get(name) !== undefined) throw refused("EEXIST", name);
      const content = new Content();
      names.set(name, content);
      return file(content);
    },
    async open(name) {
      power.step();
      const found = names.get(name);
      return found instanceof Content ? file(found) : undefined;
    },
    async link(name, newName) {
      power.step();
      if (names.get(newName) === undefined) names.set(newName, names.get(name));
    },
    async rename(name, newName) {
      power.step();
      names.set(newName, names.get(name));
      names.set(name, undefined);
    },
    async remove(name) {
      power.step();
      if (names.get(name) !== undefined) names.set(name, undefined);
    },
    sync: () => power.sync("sync", () => names.settle()),
    isAtItsPath: () => true,
    close: async () => undefined,
  };
};

const fileOf = (content: Content, power: Power): JournalFile => ({
  sizeBytes: async () => content.latest.length,
  async read(into, at) {
    power.step();
    const found = content.latest.subarray(at, at + into.length);
    into.set(found);
    return found.length;
  },
  async write(parts, at) {
    power.step();
    content.write({ at, bytes: Buffer.concat(parts) });
  },
  datasync: () => power.sync("datasync", () => content.settle()),
  close: async () => undefined,
});
