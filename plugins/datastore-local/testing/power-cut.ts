import { basename, dirname } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { FileStatus, Files, OpenFile } from "../files.ts";
import { ByteLocks } from "./byte-locks.ts";
import { seeded, Versions } from "./versions.ts";
import { VolatileContent } from "./volatile-content.ts";

interface Inode {
  readonly content: VolatileContent;
  readonly locks: ByteLocks;
}

/** What a datastore may be made to believe it did. */
export type Sync = "datasync" | "sync" | "syncDirectory";

const refused = (code: string, what: string): Error => Object.assign(new Error(`${code}: ${what}`), { code });

/**
 * A file system of one directory whose power can be cut. What was not synced is volatile, directory entries too: a
 * cut leaves each sector, each size and each name as it was when last synced, or as it was made at any time since,
 * whatever became of the others. So writes are torn and reordered as far as storage may do that.
 */
export class PowerCutFiles implements Files {
  readonly native = true;
  readonly poolThreads = 1;
  readonly #directory: string;
  readonly #names = new Map<string, Versions<Inode | undefined>>();
  readonly #forgets: Sync | undefined;
  /** Changes and syncs so far. */
  #steps = 0;
  #lastStep = Number.POSITIVE_INFINITY;
  #off = false;

  /** `forgets`: answers that without doing it, as if the code under test had left it out. */
  constructor(directory: string, { forgets }: { readonly forgets?: Sync | undefined } = {}) {
    this.#directory = directory;
    this.#forgets = forgets;
  }

  /** The power fails after so many more changes and syncs: nothing takes effect any more. */
  failAfter(steps: number): void {
    this.#lastStep = this.#steps + steps;
  }

  /** Cuts the power, and answers what is there when it is back, chosen by `seed`. */
  cut(seed: number): PowerCutFiles {
    this.#off = true;
    const pick = seeded(seed);
    const survivors = new PowerCutFiles(this.#directory, { forgets: this.#forgets });
    const contents = new Map<Inode, Inode>();
    for (const [path, versions] of this.#names) {
      const inode = versions.survivor(pick);
      if (inode === undefined) continue;
      const content = contents.get(inode) ?? freshInode(inode.content.survivor(pick));
      contents.set(inode, content);
      survivors.#names.set(path, new Versions<Inode | undefined>(content));
    }
    return survivors;
  }

  async open(path: string, how: "read" | "write" | "create"): Promise<OpenFile> {
    if (how === "create") {
      if (this.#at(path) !== undefined) throw refused("EEXIST", path);
      this.#name(path, freshInode(new VolatileContent()));
    }
    return this.#openFile(this.#find(path), how !== "read");
  }

  async status(path: string): Promise<FileStatus> {
    if (path === this.#directory) return { regular: false, sizeBytes: 0, allocatedBytes: 0, links: 1 };
    return this.#statusOf(this.#find(path));
  }

  async link(path: string, newPath: string): Promise<void> {
    if (this.#at(newPath) !== undefined) throw refused("EEXIST", newPath);
    this.#name(newPath, this.#find(path));
  }

  async rename(path: string, newPath: string): Promise<void> {
    const inode = this.#find(path);
    this.#name(newPath, inode);
    this.#name(path, undefined);
  }

  async unlink(path: string): Promise<void> {
    this.#find(path);
    this.#name(path, undefined);
  }

  async names(directory: string): Promise<readonly string[]> {
    this.#demandPower();
    if (directory !== this.#directory) throw refused("ENOENT", directory);
    return [...this.#names].filter(([, { latest }]) => latest).map(([path]) => basename(path));
  }

  syncDirectory(): Promise<void> {
    return this.#sync("syncDirectory", (until) => {
      for (const name of this.#names.values()) name.settle(until);
    });
  }

  space(): { readonly availableBytes: number; readonly totalBytes: number } {
    return { availableBytes: 2 ** 40, totalBytes: 2 ** 40 };
  }

  #openFile(inode: Inode, writable: boolean): OpenFile {
    const { content, locks } = inode;
    const holder = {};
    const change = (act: (now: number) => void) => {
      if (!writable) throw refused("EBADF", "it is open for reading only");
      act(this.#step());
    };
    const settle = (until: number) => content.settle(until);
    return {
      read: (into, at) => {
        this.#demandPower();
        return content.read(into, at);
      },
      inMemory: true,
      readCached: () => 0,
      readLater: async () => {
        throw new Error("what is in memory is read at once");
      },
      write: (from, at) => {
        change((now) => content.write(from, at, now));
        return from.length;
      },
      willNeed: () => undefined,
      punchHole: (at, length) => {
        change((now) => content.punch(at, length, now));
        return true;
      },
      runAt: (at) => content.runAt(at),
      lock: (range) => locks.lock(holder, range),
      lockable: (range) => locks.lockable(holder, range),
      status: async () => this.#statusOf(inode),
      truncate: async (sizeBytes) => change((now) => content.truncate(sizeBytes, now)),
      datasync: () => this.#sync("datasync", settle),
      sync: () => this.#sync("sync", settle),
      close: async () => locks.release(holder),
    };
  }

  #statusOf(inode: Inode): FileStatus {
    this.#demandPower();
    const { sizeBytes, allocatedBytes } = inode.content;
    const links = [...this.#names.values()].filter(({ latest }) => latest === inode).length;
    return { regular: true, sizeBytes, allocatedBytes, links };
  }

  /** Covers what had been done when it was asked for; more may happen before it is answered. */
  async #sync(sync: Sync, settle: (until: number) => void): Promise<void> {
    const until = this.#step();
    await setImmediate();
    this.#demandPower();
    if (sync !== this.#forgets) settle(until);
  }

  #at(path: string): Inode | undefined {
    this.#demandPower();
    return this.#names.get(path)?.latest;
  }

  #find(path: string): Inode {
    const inode = this.#at(path);
    if (inode === undefined) throw refused("ENOENT", path);
    return inode;
  }

  #name(path: string, inode: Inode | undefined): void {
    if (dirname(path) !== this.#directory) throw refused("ENOENT", path);
    const now = this.#step();
    const versions = this.#names.get(path) ?? new Versions<Inode | undefined>(undefined);
    versions.set(inode, now);
    this.#names.set(path, versions);
  }

  #step(): number {
    if (this.#steps >= this.#lastStep) this.#off = true;
    this.#demandPower();
    this.#steps++;
    return this.#steps;
  }

  #demandPower(): void {
    if (this.#off) throw refused("EIO", "the power is off");
  }
}

const freshInode = (content: VolatileContent): Inode => ({ content, locks: new ByteLocks() });
