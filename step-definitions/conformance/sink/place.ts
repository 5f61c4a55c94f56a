import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CodedError, type Log } from "pagurus";

/** Where a scenario's sink can bring reports that the kit sees: the server's log, and the files of a folder. */
export class ReportPlace {
  readonly #folder: string;
  readonly #lines: string[] = [];
  #away = false;

  constructor(folder: string) {
    this.#folder = folder;
  }

  readonly #log = (message: string, data: Readonly<Record<string, unknown>> = {}): void => {
    if (this.#away)
      throw new CodedError("native-unavailable", { operation: "log", reason: "it was taken away" });
    // Data can't end its line, nor steer a terminal; a message is written as it is.
    const told = JSON.stringify(data).replace(/[^ -~]/gu, "?");
    this.#lines.push(`${message} ${told}`);
  };

  readonly log: Log = { debug: this.#log, info: this.#log, warn: this.#log, error: this.#log };

  /** All that has arrived. */
  async text(): Promise<string> {
    return [...this.#lines, ...(await this.#files())].join("\n");
  }

  /** The log fails, and where the folder was is a file. */
  async takeAway(): Promise<void> {
    this.#away = true;
    await rename(this.#folder, this.#elsewhere);
    await writeFile(this.#folder, "");
  }

  async putBack(): Promise<void> {
    if (!this.#away) return;
    await rm(this.#folder, { recursive: true });
    await rename(this.#elsewhere, this.#folder);
    this.#away = false;
  }

  get #elsewhere(): string {
    return `${this.#folder}.away`;
  }

  /** Files of text: a database holds what it holds, and nobody reads it line by line. */
  async #files(): Promise<readonly string[]> {
    await mkdir(this.#folder, { recursive: true });
    const entries = await readdir(this.#folder, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    const texts = await Promise.all(files.sort().map((file) => readFile(file, "utf8")));
    return texts.filter((text) => !text.includes("\0"));
  }
}
