import assert from "node:assert/strict";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { DatastoreTask, OtherProcess, TaskMark } from "pagurus/conformance";
import { type Random, random } from "../random.ts";
import type { Kit } from "../world.ts";
import { KnownLayers } from "./known-layers.ts";
import type { Examine } from "./power-cuts.ts";
import { otherProcesses } from "./processes.ts";

/** Times the run's effort. */
const HOSTS = 2;
const MOST_TURNS_OF_WORK = 40;
/** Of the event loop. */
const MOST_TURNS = 12;

/** What a host does, a turn after another: the first task of a turn is under way while the others are done. */
export type Work = () => readonly DatastoreTask[];

/** What a host was asked and has answered. */
interface Told {
  readonly tasks: readonly DatastoreTask[];
  readonly marks: readonly TaskMark[];
}

interface Remains extends Told {
  /** Of the next host. */
  readonly folder: string;
}

/** Hosts that work by chance until they are killed in the midst of it. */
export class KilledHosts {
  readonly #kit: Kit;
  readonly #alive = new Set<OtherProcess>();
  readonly #remains: Remains[] = [];

  constructor(kit: Kit) {
    this.#kit = kit;
  }

  /** `lost`: nothing of their folders is left. */
  async killAll(
    workOf: (layer: string, pick: Random) => Work,
    { lost = false }: { readonly lost?: boolean } = {},
  ): Promise<void> {
    const { seed, effort } = this.#kit.parameters;
    this.#kit.log(`seed ${seed}`);
    const indexes = Array.from({ length: HOSTS * effort }, (_, index) => index);
    await Promise.all(
      indexes.map(async (index) => {
        const pick = random(seed + index);
        const folder = join(this.#kit.folder, `host-${index}`);
        await mkdir(folder, { mode: 0o700 });
        const work = workOf(this.#kit.layer(`layer-${index}`).name, pick);
        const told = await this.#killOne(folder, work, pick);
        const next = lost ? `${folder}-next` : folder;
        if (lost) {
          await rm(folder, { recursive: true });
          await mkdir(next, { mode: 0o700 });
        }
        this.#remains.push({ ...told, folder: next });
      }),
    );
  }

  /** Has looked at what each of them has left. */
  async examine(look: Examine): Promise<void> {
    for (const { folder, tasks, marks } of this.#remains) {
      const complaint = await look(this.#kit.requestIn(folder), KnownLayers.after(marks, tasks));
      const last = tasks[marks.at(-1)?.number ?? 0];
      assert.equal(
        complaint,
        undefined,
        `after a host was killed during ${JSON.stringify(last)} (seed ${this.#kit.parameters.seed}): ${complaint}`,
      );
    }
  }

  async end(): Promise<void> {
    for (const process of this.#alive) await otherProcesses.giveBack(process);
  }

  async #killOne(folder: string, work: Work, pick: Random): Promise<Told> {
    const process = await otherProcesses.take(this.#kit.requestIn(folder));
    this.#alive.add(process);
    const marks: TaskMark[] = [];
    for (let count = 1 + pick(MOST_TURNS_OF_WORK); count > 0; count--) await doTurn(process, work(), marks);
    try {
      // It may die before it has answered that it will.
      process.ask({ do: "die", turns: pick(MOST_TURNS) }).catch(() => undefined);
      for (;;) await doTurn(process, work(), marks);
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
    }
    await process.gone;
    return { tasks: process.tasks, marks };
  }
}

const doTurn = async (
  process: OtherProcess,
  tasks: readonly DatastoreTask[],
  marks: TaskMark[],
): Promise<void> => {
  const first = process.tasks.length;
  marks.push(...tasks.map((_, index): TaskMark => ({ event: "asked", number: first + index })));
  const answers = await process.askAtOnce(tasks);
  for (const [index, { code }] of answers.entries())
    marks.push({ event: code === undefined ? "answered" : "refused", number: first + index });
  for (const [index, { code }] of answers.entries())
    assert.equal(code, undefined, `${tasks[index]?.do} of a layer must be done; it was refused as ${code}`);
};
