import type { JournalDirectory, JournalFile } from "./directory.ts";

/** What is written to a new file at one go. */
const ZEROES = Buffer.alloc(256 * 1024);

/**
 * The files of one writer's journal. Each holds one segment at a time and is written over when the bucket has that: a
 * sync of what lies in its place already costs the file system no log of its own, where one that grows a file takes
 * twice as long, and now and then twenty times. So new files are filled with zeroes, one ahead of the need.
 */
export class JournalSlots {
  readonly #directory: JournalDirectory;
  readonly #slotBytes: number;
  readonly #all: JournalFile[] = [];
  readonly #free: JournalFile[] = [];
  #preparing: Promise<JournalFile> | undefined;
  #names = 0;
  #closed = false;

  constructor(directory: JournalDirectory, slotBytes: number) {
    this.#directory = directory;
    this.#slotBytes = slotBytes;
  }

  async take(): Promise<JournalFile> {
    const file = this.#free.pop() ?? (await this.#taken());
    if (this.#free.length === 0) this.#ahead();
    return file;
  }

  /** Nothing in it is needed any more, and nobody writes to it. */
  release(file: JournalFile): void {
    this.#free.push(file);
  }

  /** Whether whoever starts later finds what was written down. */
  get isFindable(): boolean {
    return this.#directory.isAtItsPath();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#preparing?.catch(() => undefined);
    await Promise.allSettled(this.#all.map((file) => file.close()));
  }

  async #taken(): Promise<JournalFile> {
    const preparing = this.#preparing ?? this.#prepare();
    this.#preparing = undefined;
    return preparing;
  }

  #ahead(): void {
    if (this.#preparing !== undefined || this.#closed) return;
    const preparing = this.#prepare();
    this.#preparing = preparing;
    // Whoever needs it is told, and the next one tries again.
    preparing.catch(() => undefined);
  }

  async #prepare(): Promise<JournalFile> {
    const name = String(this.#names++);
    const file = await this.#directory.create(name);
    try {
      for (let at = 0; at < this.#slotBytes && !this.#closed; at += ZEROES.length)
        await file.write([ZEROES.subarray(0, this.#slotBytes - at)], at);
      await file.datasync();
      await this.#directory.sync();
    } catch (error) {
      // What it has taken of a full disk is given back, or each try would take some more.
      await Promise.allSettled([file.close(), this.#directory.remove(name)]);
      throw error;
    }
    this.#all.push(file);
    return file;
  }
}
