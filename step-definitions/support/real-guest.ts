import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { builtGuest } from "../../scripts/guest/place.ts";
import type { Lab, LabPart } from "../world.ts";
import { GuestConsole } from "./guest-console.ts";
import { placeOf } from "./nbd-place.ts";
import { Program, runProgram } from "./program.ts";

/** Processes of the guest that write at the same time. */
const WORKERS = 2;
/** What the disk has from the beginning, so that there is something to copy. */
const FIRST_FILES = 8;
const FIRST_FILE_BYTES = 2 * 1024 * 1024;
/** For as long QEMU keeps the guest's requests when it has lost its server. */
const RECONNECT_SECONDS = 120;

interface Boot {
  /** QEMU's options for the disk, which is the block device `disk`. */
  readonly disk: readonly string[];
  readonly workers: number;
  readonly mount: "ro" | "rw";
}

/** A virtual machine under QEMU that runs `scripts/guest/init` on one disk. */
export class RealGuest implements LabPart {
  readonly #lab: Lab;
  readonly #first = new Map<string, string>();
  #console: GuestConsole | undefined;
  #machine: Program | undefined;
  #boots = 0;

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  /** What the guest that was started last tells. */
  get console(): GuestConsole {
    assert.ok(this.#console, "the scenario has not started its guest");
    return this.#console;
  }

  /** An image with an ext4 and first files. */
  async makeFileSystem(sizeBytes: number): Promise<string> {
    const [content, image] = [join(this.#lab.folder, "content"), join(this.#lab.folder, "guest.raw")];
    await mkdir(join(content, "before"), { recursive: true });
    for (let number = 1; number <= FIRST_FILES; number++) {
      const bytes = randomBytes(FIRST_FILE_BYTES);
      await writeFile(join(content, "before", `${number}`), bytes);
      this.#first.set(`/disk/before/${number}`, createHash("md5").update(bytes).digest("hex"));
    }
    // Its blocks are smaller than those that a move copies, and begin within them.
    const blocks = ["-b", "1024"];
    await this.#tool("mkfs.ext4", ["-q", "-F", ...blocks, "-d", content, image, `${sizeBytes / 1024}k`]);
    return image;
  }

  /** Starts it on a disk that is reached at this address, with workers that write. */
  async bootOver(uri: string, { workers = WORKERS } = {}): Promise<void> {
    const { socket, name } = placeOf(uri);
    const disk = {
      driver: "nbd",
      "node-name": "disk",
      server: { type: "unix", path: socket },
      export: name,
      "reconnect-delay": RECONNECT_SECONDS,
      discard: "unmap",
    };
    await this.#boot({ disk: ["-blockdev", JSON.stringify(disk)], workers, mount: "rw" });
  }

  /** Starts it on a raw file that nobody serves, to read. */
  async bootOnFile(file: string): Promise<void> {
    const disk = ["-blockdev", `driver=file,filename=${file},node-name=disk,read-only=on`];
    await this.#boot({ disk, workers: 0, mount: "ro" });
  }

  /** Resolves when each worker has written, flushed and read some more files since this was asked. */
  async goesOn(): Promise<void> {
    // What the first line tells of may have happened before.
    for (let time = 0; time < 2; time++)
      await Promise.all(
        Array.from({ length: WORKERS }, (_, index) =>
          this.console.next(RegExp(`^alive: worker-${index + 1}:`)),
        ),
      );
  }

  /** Gives an order and resolves with its answer. */
  async does(order: "stop" | "list" | "power off", answer: RegExp): Promise<void> {
    const answered = this.console.next(answer);
    this.#machine?.type(order);
    await answered;
  }

  async isOff(): Promise<void> {
    const ended = await this.#machine?.ended;
    assert.equal(ended?.code, 0, ended?.err);
  }

  /** As when the host loses its power. */
  async kill(): Promise<void> {
    await this.#machine?.kill("SIGKILL");
  }

  /** What the file system checker finds in a raw file that nobody has open; fails where anything is wrong. */
  async checkFile(file: string): Promise<string> {
    return this.#tool("fsck.ext4", ["-f", "-n", file]);
  }

  /** The console of the guest that was started last, and the end of its kernel's. */
  async account(): Promise<string> {
    if (!this.#console) return "no guest was started";
    const kernel = await readFile(this.#kernelFile, "utf8").catch(() => "");
    return `The guest's console:\n${this.#console.excerpt}\nIts kernel's last lines:\n${kernel.split("\n").slice(-10).join("\n")}`;
  }

  async end(): Promise<void> {
    await this.kill();
  }

  get #kernelFile(): string {
    return join(this.#lab.folder, `kernel-${this.#boots}.log`);
  }

  async #boot({ disk, workers, mount }: Boot): Promise<void> {
    const guest = await builtGuest();
    assert.ok(guest, "the guest is built");
    const heard = new GuestConsole(this.#console?.files({ afterCrash: true }) ?? this.#first);
    this.#boots++;
    const machine = [
      ...["-accel", "tcg", "-m", "192", "-nodefaults", "-display", "none", "-no-reboot"],
      ...["-serial", "stdio", "-serial", `file:${this.#kernelFile}`],
      ...["-kernel", guest.kernel, "-initrd", guest.initramfs],
      ...["-append", `console=ttyS1 panic=-1 no_timer_check guest.workers=${workers} guest.mount=${mount}`],
      // Without these QEMU would hide some errors from the guest.
      ...["-device", "virtio-blk-pci,drive=disk,werror=report,rerror=report"],
    ];
    const mounted = heard.next(/^mounted$/);
    const hear = (text: string) => heard.hear(text);
    const program = new Program("qemu-system-x86_64", [...disk, ...machine], { hear });
    program.ended.then(
      ({ err }) => heard.end(err),
      (reason: unknown) => heard.end(String(reason)),
    );
    [this.#machine, this.#console] = [program, heard];
    await mounted;
  }

  async #tool(name: string, args: readonly string[]): Promise<string> {
    const { code, out, err } = await runProgram(name, args);
    assert.equal(code, 0, `${name} ${args.join(" ")}: ${out}${err}`);
    return `${err}${out}`;
  }
}
