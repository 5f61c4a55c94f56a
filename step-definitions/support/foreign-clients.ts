import assert from "node:assert/strict";
import { join } from "node:path";
import type { Lab, LabPart } from "../world.ts";
import { LocalServer } from "./local-server.ts";
import type { Ended, Program } from "./program.ts";

/** Clients that others wrote, in processes of their own. */
export class ForeignClients implements LabPart {
  readonly #lab: Lab;
  readonly #server: LocalServer;
  /** How the last long-running client has ended. */
  ended: Ended | undefined;
  /** Moves that ended well while a client went on. */
  moves = 0;
  /** qemu-io with a file open. */
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

  /** The runs of data that qemu-img finds in a disk. */
  async dataRuns(disk: string): Promise<readonly { start: number; length: number }[]> {
    const uri = await this.#server.uriOf(disk);
    const map = await this.#server.tool("qemu-img", ["map", "--output=json", "-f", "raw", uri]);
    const extents = JSON.parse(map) as readonly { start: number; length: number; data: boolean }[];
    return extents.filter(({ data }) => data).map(({ start, length }) => ({ start, length }));
  }

  /** fio, which writes and then verifies, several times over, for some seconds. */
  async startFio(disk: string): Promise<Program> {
    const uri = await this.#server.uriOf(disk);
    return this.#server.program("fio", [
      "--name=move",
      "--ioengine=nbd",
      `--uri=${uri}`,
      "--rw=randwrite",
      "--bs=4k",
      "--size=16m",
      "--iodepth=8",
      "--rate=8m",
      "--loops=3",
      "--verify=crc32c",
      "--verify_fatal=1",
      "--verify_state_save=0",
      "--output-format=json",
    ]);
  }

  async end(): Promise<void> {
    await this.holder?.kill("SIGKILL");
  }
}
