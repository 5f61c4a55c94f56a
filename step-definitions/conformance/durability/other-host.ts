import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { DatastoreTask, DatastoreTaskAnswer, OtherProcess } from "pagurus/conformance";
import type { Kit } from "../world.ts";
import { otherProcesses } from "./processes.ts";

/** Another host that reaches the same store: a process with a folder of its own. */
export class OtherHost {
  readonly #kit: Kit;
  #process: OtherProcess | undefined;

  constructor(kit: Kit) {
    this.#kit = kit;
  }

  async ask(task: DatastoreTask): Promise<DatastoreTaskAnswer> {
    this.#process ??= await this.#start();
    return this.#process.ask(task);
  }

  async end(): Promise<void> {
    if (this.#process) await otherProcesses.giveBack(this.#process);
  }

  async #start(): Promise<OtherProcess> {
    const folder = join(this.#kit.folder, "other-host");
    await mkdir(folder, { mode: 0o700 });
    return otherProcesses.take(this.#kit.requestIn(folder, this.#kit.parameters.otherHost));
  }
}
