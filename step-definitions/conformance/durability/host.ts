import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Stamp } from "pagurus";
import { type DatastoreTask, NoTrace, type OtherProcess } from "pagurus/conformance";
import type { Kit } from "../world.ts";
import { type Examine, type PowerCutMoments, PowerCuts } from "./power-cuts.ts";
import { tracedProcesses } from "./processes.ts";

const firstStamp: Stamp = { disk: "disk-1", epoch: 1, state: "owner" };
/** A host whose power will fail: a traced process with the plugin under test in it, and a store of its own. */
export class Host {
  readonly layer: string;
  sizeBytes = 0;
  /** Number of files in its store when that held no layer. */
  usualFiles = 0;
  /** Beside other things, the folder in the place of `{tmp}`. */
  readonly folder: string;
  readonly #kit: Kit;
  #process: OtherProcess | undefined;
  #cuts: PowerCuts | undefined;
  #marks = 0;

  constructor(kit: Kit) {
    this.#kit = kit;
    this.layer = kit.freshName("layer-1");
    this.folder = join(kit.folder, "host");
  }

  /** Whether it can be told what a cut of its power leaves; if not, the scenario's log says why. */
  async start(): Promise<boolean> {
    await mkdir(this.folder, { mode: 0o700 });
    try {
      const process = await tracedProcesses.take(this.#kit.requestIn(this.folder));
      this.#process = process;
      this.#cuts = await PowerCuts.of(process);
      return true;
    } catch (error) {
      if (!(error instanceof NoTrace)) throw error;
      this.#kit.log(`durability: not proven: ${error.message}`);
      return false;
    }
  }

  async ask(task: DatastoreTask): Promise<void> {
    const { code } = await this.process.ask(task);
    assert.equal(code, undefined, `it must ${task.do} the layer; it was refused as ${code}`);
  }

  get process(): OtherProcess {
    if (!this.#process) throw new Error("the scenario has no host");
    return this.#process;
  }

  async makeLayer(sizeBytes: number): Promise<void> {
    this.sizeBytes = sizeBytes;
    await this.ask({ do: "create", layer: this.layer, sizeBytes, stamp: firstStamp });
  }

  openLayer(): Promise<void> {
    return this.ask({ do: "open", layer: this.layer, sizeBytes: this.sizeBytes });
  }

  write(offset: number, length: number): Promise<void> {
    return this.ask({ do: "write", layer: this.layer, offset, length, mark: ++this.#marks });
  }

  get #power(): PowerCuts {
    if (!this.#cuts) throw new Error("the scenario has no host");
    return this.#cuts;
  }

  /** Has what power cuts could leave examined; `false` where that can't be told. */
  examine(moments: PowerCutMoments, look: Examine): Promise<boolean> {
    return this.#power.examine(this.#kit, this.folder, moments, look);
  }

  /** All that was done so far was so long ago that it has reached storage, synced or not. */
  age(): void {
    this.#power.age();
  }

  end(): Promise<void> {
    return this.#process ? tracedProcesses.giveBack(this.#process) : Promise.resolve();
  }
}
