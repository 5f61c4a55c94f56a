import assert from "node:assert/strict";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Stamp } from "pagurus";
import {
  connectionsOf,
  type DatastoreTask,
  type DatastoreTaskAnswer,
  type FaultKind,
  InjectedFault,
  NoTrace,
  type OtherProcess,
  type TaskMark,
} from "pagurus/conformance";
import type { Kit } from "../world.ts";
import { type Examine, type PowerCutMoments, PowerCuts } from "./power-cuts.ts";
import { otherProcesses, tracedProcesses } from "./processes.ts";

const firstStamp: Stamp = { disk: "disk-1", epoch: 1, state: "owner" };

/** What there is of storage behind a network, in the place of its files. */
const remoteFaults: ReadonlyMap<FaultKind, FaultKind> = new Map([
  ["failing syncs", "lost connections"],
  ["slow syncs", "slow connections"],
]);

const demandDone = (task: DatastoreTask, { code }: DatastoreTaskAnswer = {}): void =>
  assert.equal(code, undefined, `${task.do} of a layer must be done; it was refused as ${code}`);

/** A host that will fail, or whose storage will: a process with the plugin under test in it, and a store of its own. */
export class Host {
  readonly layer: string;
  sizeBytes = 0;
  /** Number of files in its store when that held no layer. */
  usualFiles = 0;
  /** In the place of `{tmp}`. */
  readonly folder: string;
  /** What it was asked and has answered so far, in order. */
  readonly marks: TaskMark[] = [];
  readonly #kit: Kit;
  #process: OtherProcess | undefined;
  #cuts: PowerCuts | undefined;
  #fault: InjectedFault | undefined;
  #writes = 0;

  constructor(kit: Kit) {
    this.#kit = kit;
    this.layer = kit.layer("layer-1").name;
    this.folder = join(kit.folder, "host");
  }

  async start(): Promise<void> {
    await mkdir(this.folder, { mode: 0o700 });
    this.#process = await otherProcesses.take(this.#kit.requestIn(this.folder));
  }

  /** So that it can be told what a cut of its power leaves; where that can't be, the scenario's log says why. */
  async startTraced(): Promise<boolean> {
    await mkdir(this.folder, { mode: 0o700 });
    try {
      this.#process = await tracedProcesses.take(this.#kit.requestIn(this.folder));
      this.#cuts = PowerCuts.of(this.#process);
      return true;
    } catch (error) {
      if (!(error instanceof NoTrace)) throw error;
      this.#kit.log(`durability: not proven: ${error.message}`);
      return false;
    }
  }

  get process(): OtherProcess {
    if (!this.#process) throw new Error("the scenario has no host");
    return this.#process;
  }

  async try(task: DatastoreTask): Promise<DatastoreTaskAnswer> {
    const number = this.process.tasks.length;
    this.marks.push({ event: "asked", number });
    const answer = await this.process.ask(task);
    this.marks.push({ event: answer.code === undefined ? "answered" : "refused", number });
    return answer;
  }

  async ask(task: DatastoreTask): Promise<void> {
    demandDone(task, await this.try(task));
  }

  /** The first is under way while the others are done one after another. */
  async askAtOnce(tasks: readonly DatastoreTask[]): Promise<void> {
    const answers = await this.process.askAtOnce(tasks);
    for (const [index, task] of tasks.entries()) demandDone(task, answers[index]);
  }

  async makeLayer(sizeBytes: number): Promise<void> {
    this.sizeBytes = sizeBytes;
    await this.ask({ do: "create", layer: this.layer, sizeBytes, stamp: firstStamp });
  }

  openLayer(): Promise<void> {
    return this.ask({ do: "open", layer: this.layer, sizeBytes: this.sizeBytes });
  }

  flush(): Promise<void> {
    return this.ask({ do: "flush", layer: this.layer });
  }

  close(): Promise<void> {
    return this.ask({ do: "close", layer: this.layer });
  }

  /** Bytes that nothing has been written with before. */
  freshWrite(offset: number, length: number): DatastoreTask {
    return { do: "write", layer: this.layer, offset, length, mark: ++this.#writes };
  }

  write(offset: number, length: number): Promise<void> {
    return this.ask(this.freshWrite(offset, length));
  }

  /** All that was done so far was so long ago that it has reached storage, synced or not. */
  age(): void {
    this.#cuts?.age();
  }

  /** Has what power cuts could leave examined; `false` where that can't be told. */
  examine(moments: PowerCutMoments, look: Examine): Promise<boolean> {
    if (!this.#cuts) throw new Error("the scenario has no host whose power fails");
    return this.#cuts.examine(this.#kit, this.folder, moments, look);
  }

  /** Its storage fails from now on; `false` where it can't be made to, as the log says. */
  async fail(wanted: FaultKind): Promise<boolean> {
    const remote = this.#kit.declared["durability-remote"] === true;
    const kind = remote ? remoteFaults.get(wanted) : wanted;
    if (kind === undefined) {
      this.#kit.log("not run: storage behind a network can only be slow and lose connections here");
      return false;
    }
    const paths = remote ? await connectionsOf(this.process.pid) : await this.#files();
    if (paths.length === 0) {
      const what = remote
        ? "has no connection over TCP"
        : "keeps no files in the folder that {tmp} stands for";
      this.#kit.log(`not run: the store ${what}`);
      return false;
    }
    try {
      this.#fault = await InjectedFault.begin(kind, this.process.pid, paths);
      return true;
    } catch (error) {
      if (!(error instanceof NoTrace)) throw error;
      this.#kit.log(`not run: storage can't be made to fail here: ${error.message}`);
      return false;
    }
  }

  /** `false` where nothing has met the fault, as the log says. */
  async recover(): Promise<boolean> {
    const met = (await this.#fault?.end()) ?? false;
    this.#fault = undefined;
    if (!met) this.#kit.log("not run: the store went around the fault of its storage");
    return met;
  }

  async #files(): Promise<readonly string[]> {
    const entries = await readdir(this.folder, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map(({ path, name }) => join(path, name));
  }

  async end(): Promise<void> {
    await this.#fault?.end();
    if (this.#process) await (this.#cuts ? tracedProcesses : otherProcesses).giveBack(this.#process);
  }
}
