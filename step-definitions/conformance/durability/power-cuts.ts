import { mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  type DatastoreTask,
  type OtherProcess,
  type PluginRequest,
  type PowerCut,
  PowerTrace,
  type TaskMark,
} from "pagurus/conformance";
import { random } from "../random.ts";
import type { Kit } from "../world.ts";
import { KnownLayers } from "./known-layers.ts";

/** How many moments beside those of answers, and how many states by chance at each moment; times the run's effort. */
const MOMENTS = 12;
const CHANCES = 3;

/** `during`: while what was asked for last was not answered. */
export type PowerCutMoments = "rest" | "answer" | "any" | "during";

/** Looks at what a power cut has left; answers what is wrong with it. */
export type Examine = (request: PluginRequest, known: KnownLayers) => Promise<string | undefined>;

const momentText = (mark: TaskMark | undefined, tasks: readonly DatastoreTask[]): string => {
  const task = mark && tasks[mark.number];
  if (mark === undefined || task === undefined) return "at the beginning";
  const { do: what, ...details } = task;
  const text = `${what} ${JSON.stringify(details)}`;
  return mark.event === "asked" ? `during ${text}` : `after ${text} was ${mark.event}`;
};

/** The power cuts that a traced process could have met in one scenario. */
export class PowerCuts {
  readonly #process: OtherProcess;
  readonly #trace: string;
  readonly #begin: number;
  #settled: number;

  constructor(process: OtherProcess, trace: string, begin: number) {
    this.#process = process;
    this.#trace = trace;
    this.#begin = begin;
    this.#settled = process.tasks.length - 1;
  }

  /** Of what a process does since it has the plugin open. */
  static of(process: OtherProcess): PowerCuts {
    return new PowerCuts(process, process.trace ?? "", process.traceBegin);
  }

  /** All that was done so far has reached storage. */
  age(): void {
    this.#settled = this.#process.tasks.length - 1;
  }

  /**
   * Has each state examined in a folder of its own, up to the first that is wrong: an error says what a power cut has
   * broken. `false`: the trace doesn't tell what a power cut would leave, as the log says.
   */
  async examine(kit: Kit, root: string, moments: PowerCutMoments, look: Examine): Promise<boolean> {
    const { seed, effort } = kit.parameters;
    const place = { root, cwd: process.cwd() };
    const trace = new PowerTrace(await this.#text(), place);
    const unseen =
      trace.empty && !trace.reachesServer
        ? ["keeps no files in the folder that {tmp} stands for"]
        : [...trace.unseen];
    if (unseen.length > 0) {
      kit.log(`durability: not proven: the plugin ${unseen.join(", ")}`);
      return false;
    }
    if (trace.reachesServer) return this.#examineOne(kit, place, look);
    const cuts = trace.cuts(this.#settled, {
      moments: moments === "any" || moments === "during" ? MOMENTS * effort : moments,
      chances: CHANCES * effort,
      random: random(seed),
    });
    let count = 0;
    const last = this.#process.tasks.length - 1;
    for (const cut of cuts) {
      const mark = cut.marks.at(-1);
      if (moments === "during" && !(mark?.number === last && mark.event === "asked")) continue;
      const folder = join(kit.folder, `cut-${count++}`);
      const complaint = await this.#examine(kit, cut, folder, look);
      if (complaint !== undefined) throw this.#broken(cut, `${complaint} (state ${count}, seed ${seed})`);
    }
    if (count > 0) return true;
    kit.log("durability: not proven: no moment was found at which the plugin had begun what it did last");
    return false;
  }

  /**
   * What a server keeps can't be put back: so there is one power cut, now, and of what was not synced nothing has
   * reached storage.
   */
  async #examineOne(kit: Kit, place: { readonly root: string; readonly cwd: string }, look: Examine) {
    await this.#process.kill();
    const trace = new PowerTrace(await this.#text(), place);
    const random = () => 0;
    const [cut] = trace.cuts(this.#settled, { moments: "rest", chances: 0, random });
    if (cut === undefined) throw new Error("a trace ends with no moment");
    const complaint = await this.#examine(kit, cut, join(kit.folder, "cut"), look);
    if (complaint !== undefined) throw this.#broken(cut, complaint);
    return true;
  }

  #broken(cut: PowerCut, complaint: string): Error {
    const moment = momentText(cut.marks.at(-1), this.#process.tasks);
    return new Error(`after a power cut ${moment}, when ${cut.fate}: ${complaint}`);
  }

  async #examine(kit: Kit, cut: PowerCut, folder: string, look: Examine): Promise<string | undefined> {
    const known = KnownLayers.after(cut.marks, this.#process.tasks);
    const once = async () => {
      await mkdir(folder, { mode: 0o700 });
      cut.writeTo(folder);
      const complaint = await look(kit.requestIn(folder), known);
      await rm(folder, { recursive: true });
      return complaint;
    };
    const complaint = await once();
    if (complaint === undefined || !this.#process.idle) return complaint;
    // After a power cut the process is dead, which a lock that names it would be asked about.
    await this.#process.kill();
    return once();
  }

  async #text(): Promise<string> {
    await using file = await open(this.#trace);
    const bytes = Buffer.alloc((await file.stat()).size - this.#begin);
    await file.read(bytes, 0, bytes.length, this.#begin);
    return bytes.toString("latin1");
  }
}
