import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Given, Then, When } from "pagurus/steps";
import { NbdClient } from "pagurus/testing";
import { LocalServer } from "./support/local-server.ts";
import type { Lab, LabPart } from "./world.ts";

const plugin = fileURLToPath(new URL("./support/stuck-storage.ts", import.meta.url));
const LOOK_AGAIN_MS = 20;

/** Storage whose flushes hang, and the clients that wait for them. */
class StuckStorage implements LabPart {
  readonly #lab: Lab;
  readonly #clients: NbdClient[] = [];
  readonly #flushes: Promise<void>[] = [];
  #answered = 0;

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  async provide(datastore: string): Promise<void> {
    const root = this.#lab.folderOf(datastore);
    await mkdir(root, { recursive: true });
    await promisify(execFile)("mkfifo", [this.#pipe]);
    const plain = Object.fromEntries(
      this.#lab.setup.datastores.map((id) => [
        id,
        { plugin: "datastore-local", root: this.#lab.folderOf(id) },
      ]),
    );
    const stuck = { plugin: "stuck-storage", root, pipe: this.#pipe };
    this.#lab.setup.sections = { plugins: [plugin], datastores: { ...plain, [datastore]: stuck } };
  }

  /** Resolves when as many flushes wait in the kernel. */
  async flush(disks: readonly string[]): Promise<void> {
    const server = this.#lab.part(LocalServer);
    for (const disk of disks) {
      const client = await NbdClient.connect(await server.uriOf(disk));
      this.#clients.push(client);
      await client.write(0, Buffer.alloc(4096, 1));
      this.#flushes.push(client.flush().then(() => void this.#answered++));
    }
    while ((await this.#waiting()) < disks.length)
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }

  /** Lets the storage answer; resolves when all flushes are answered. */
  async answer(): Promise<void> {
    assert.equal(this.#answered, 0, "flushes were answered by storage that hangs");
    const pipe = await open(this.#pipe, "r+");
    await rm(this.#pipe);
    await pipe.close();
    await Promise.all(this.#flushes);
  }

  async end(): Promise<void> {
    for (const client of this.#clients) client.destroy();
  }

  get #pipe(): string {
    return join(this.#lab.folder, "stuck-pipe");
  }

  async #waiting(): Promise<number> {
    return (await readdir(this.#lab.folder)).filter((name) => name.startsWith("stuck-pipe-")).length;
  }
}

Given(
  "a server whose datastore {string} is on storage that hangs",
  async function (this: Lab, datastore: string) {
    await this.part(StuckStorage).provide(datastore);
    await this.part(LocalServer).start();
  },
);

When(
  "{int} disks in {string} are written to, and hang in their flushes",
  async function (this: Lab, count: number, datastore: string) {
    const names = Array.from({ length: count }, (_, n) => `stuck-${n}`);
    for (const name of names)
      await this.part(LocalServer).call("disks.create", { name, sizeBytes: 1024 * 1024, datastore });
    await this.part(StuckStorage).flush(names);
  },
);
When("the storage answers again", async function (this: Lab) {
  await this.part(StuckStorage).answer();
});

Then(
  "{int} writes and flushes of {string} are answered",
  async function (this: Lab, count: number, disk: string) {
    const guest = this.part(LocalServer).guestOf(disk);
    for (let n = 0; n < count; n++) {
      await guest.write(4096 * (n % 64), Buffer.alloc(4096, n));
      await guest.flush();
    }
    assert.deepEqual(await guest.wrongBlocks(), []);
  },
);
