import assert from "node:assert/strict";
import { join } from "node:path";
import type { Lab, LabPart } from "../world.ts";
import { LocalServer } from "./local-server.ts";
import { placeOf } from "./nbd-place.ts";
import type { Ended, Program } from "./program.ts";

/** Clients that others wrote, in processes of their own. */
export class ForeignClients implements LabPart {
  readonly #lab: Lab;
  readonly #server: LocalServer;
  /** How the last long-running client has ended. */
  ended: Ended | undefined;
  /** Moves that ended well while a client went on. */
  moves = 0;
  /** qemu-io with a file or a disk open. */
  holder: Program | undefined;

  constructor(lab: Lab) {
    this.#lab = lab;
    this.#server = lab.part(LocalServer);
  }

  /** A file in the scenario's folder. */
  file(name: string): string {
    return join(this.#lab.folder, name);
  }

  /** Lets qemu-io do the commands on a disk; each must do what it says. */
  async qemuIo(disk: string, commands: readonly string[]): Promise<void> {
    const each = commands.flatMap((command) => ["-c", command]);
    const said = await this.#server.tool("qemu-io", ["-f", "raw", ...each, await this.#server.uriOf(disk)]);
    // It ends well even where a pattern is not what it should be.
    assert.doesNotMatch(said, /verification failed|error|failed/i);
  }

  /** A disk in QEMU's words, of a client that waits for a server that is away. */
  async reconnecting(disk: string): Promise<string> {
    const { socket, name } = placeOf(await this.#server.uriOf(disk));
    const server = `file.server.type=unix,file.server.path=${socket}`;
    return `driver=raw,file.driver=nbd,${server},file.export=${name},file.reconnect-delay=100`;
  }

  /** What nbdinfo finds in a disk, one run after the other: whether it is data, and how long it is. */
  async mapOf(disk: string): Promise<readonly { length: number; description: string }[]> {
    const uri = await this.#server.uriOf(disk);
    return JSON.parse(await this.#server.tool("nbdinfo", ["--map", "--json", uri]));
  }

  /** The runs of data that qemu-img finds in a disk. */
  async dataRuns(disk: string): Promise<readonly { start: number; length: number }[]> {
    const uri = await this.#server.uriOf(disk);
    const map = await this.#server.tool("qemu-img", ["map", "--output=json", "-f", "raw", uri]);
    const extents = JSON.parse(map) as readonly { start: number; length: number; data: boolean }[];
    return extents.filter(({ data }) => data).map(({ start, length }) => ({ start, length }));
  }

  /** fio, which writes and then verifies, several times over, for some seconds: each job on a connection of its own. */
  async startFio(disk: string, jobs: readonly (readonly string[])[]): Promise<Program> {
    const uri = await this.#server.uriOf(disk);
    return this.#server.program("fio", [
      "--ioengine=nbd",
      `--uri=${uri}`,
      "--bs=4k",
      "--iodepth=8",
      "--loops=3",
      "--verify=crc32c",
      "--verify_fatal=1",
      "--verify_state_save=0",
      "--output-format=json",
      ...jobs.flatMap((job, index) => [`--name=job-${index}`, ...job]),
    ]);
  }

  async end(): Promise<void> {
    await this.holder?.kill("SIGKILL");
  }
}
