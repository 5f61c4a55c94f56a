import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Lab, LabPart } from "../world.ts";

const run = promisify(execFile);
const mount = (...args: readonly string[]) => run("mount", args);
const umount = (...args: readonly string[]) => run("umount", args);

const FILL = Buffer.alloc(64 * 1024, 1);

/** Whether a file system can be mounted here. */
export const mayMount = async (): Promise<boolean> => {
  const folder = await mkdtemp(join(tmpdir(), "pagurus-mount-"));
  try {
    await mount("-t", "tmpfs", "tmpfs", folder);
    await umount(folder);
    return true;
  } finally {
    await rm(folder, { recursive: true });
  }
};

/** A file system in memory that is kept somewhere else too, so that it is still there when it is back. */
export class JournalMount implements LabPart {
  readonly #kept: string;
  readonly path: string;
  /** What is to be unmounted, the last first. */
  readonly #mounted: string[] = [];

  constructor({ folder }: Lab) {
    this.#kept = join(folder, "kept");
    this.path = join(folder, "journal");
  }

  async begin(sizeBytes: number): Promise<void> {
    await mkdir(this.#kept);
    await mkdir(this.path);
    await this.#mount(this.#kept, "-t", "tmpfs", "-o", `size=${sizeBytes}`, "tmpfs");
    await mkdir(this.#content);
    await this.attach();
  }

  attach(): Promise<void> {
    return this.#mount(this.path, "--bind", this.#content);
  }

  /** As a disk goes that was pulled out: what is open in it goes on working. */
  async detach(): Promise<void> {
    await umount("-l", this.path);
    this.#forget(this.path);
  }

  /** Somebody mounts an empty one over it. */
  cover(): Promise<void> {
    return this.#mount(this.path, "-t", "tmpfs", "tmpfs");
  }

  async setWritable(may: "ro" | "rw"): Promise<void> {
    await mount("-o", `remount,bind,${may}`, this.path);
  }

  async fill(): Promise<void> {
    const file = await open(this.#ballast, "w");
    try {
      for (;;) await file.write(FILL);
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, "ENOSPC");
    } finally {
      await file.close();
    }
  }

  async makeRoom(): Promise<void> {
    await rm(this.#ballast);
  }

  async end(): Promise<void> {
    for (const place of [...this.#mounted].reverse()) await umount("-l", place);
  }

  get #content(): string {
    return join(this.#kept, "content");
  }

  get #ballast(): string {
    return join(this.#kept, "ballast");
  }

  async #mount(place: string, ...how: readonly string[]): Promise<void> {
    await mount(...how, place);
    this.#mounted.push(place);
  }

  #forget(place: string): void {
    this.#mounted.splice(this.#mounted.lastIndexOf(place), 1);
  }
}
