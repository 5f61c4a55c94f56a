import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { DatastoreTask, OtherProcess, TaskMark } from "pagurus/conformance";
import { Given, Then } from "pagurus/steps";
import { examineElsewhere } from "./durability/examination.ts";
import { KnownLayers } from "./durability/known-layers.ts";
import { otherProcesses, PROCESS_MS } from "./durability/processes.ts";
import { RandomDeeds } from "./durability/random-deeds.ts";
import { type Random, random } from "./random.ts";
import type { Kit } from "./world.ts";

/** Times the run's effort. */
const HOSTS = 2;
const MOST_DEEDS = 40;
const MOST_TURNS = 12;

/** What a killed host leaves: a folder, and what it was asked and has answered. */
interface Remains {
  readonly folder: string;
  readonly tasks: readonly DatastoreTask[];
  readonly marks: readonly TaskMark[];
}

class KilledHosts {
  readonly remains: Remains[] = [];
  readonly #alive = new Set<OtherProcess>();
  readonly #kit: Kit;

  constructor(kit: Kit) {
    this.#kit = kit;
  }

  /** Works until it is killed in the midst of some task. */
  async killOne(index: number, pick: Random): Promise<void> {
    const folder = join(this.#kit.folder, `host-${index}`);
    await mkdir(folder, { mode: 0o700 });
    const process = await otherProcesses.take(this.#kit.requestIn(folder));
    this.#alive.add(process);
    const marks: TaskMark[] = [];
    const resizes = Boolean(this.#kit.declared["resize"]);
    const deeds = new RandomDeeds(this.#kit.layer(`layer-${index}`).name, pick, { resizes });
    const work = async () => {
      const number = process.tasks.length;
      marks.push({ event: "asked", number });
      const { code } = await process.ask(deeds.next());
      marks.push({ event: code === undefined ? "answered" : "refused", number });
      assert.equal(
        code,
        undefined,
        `${process.tasks[number]?.do} of a layer must be done; it was refused as ${code}`,
      );
    };
    for (let count = 1 + pick(MOST_DEEDS); count > 0; count--) await work();
    try {
      // It may die before it has answered that it will.
      process.ask({ do: "die", turns: pick(MOST_TURNS) }).catch(() => undefined);
      for (;;) await work();
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
    }
    await process.gone;
    this.remains.push({ folder, tasks: process.tasks, marks });
  }

  async end(): Promise<void> {
    for (const process of this.#alive) await otherProcesses.giveBack(process);
  }
}

Given(
  "hosts that are killed at some moment of their work",
  { timeout: PROCESS_MS },
  async function (this: Kit) {
    const { seed, effort } = this.parameters;
    this.log(`seed ${seed}`);
    const hosts = this.part(KilledHosts);
    const indexes = Array.from({ length: HOSTS * effort }, (_, index) => index);
    await Promise.all(indexes.map((index) => hosts.killOne(index, random(seed + index))));
  },
);
Then(
  "the next host finds what each of them has answered for",
  { timeout: PROCESS_MS },
  async function (this: Kit) {
    for (const { folder, tasks, marks } of this.part(KilledHosts).remains) {
      const complaint = await examineElsewhere(this.requestIn(folder), KnownLayers.after(marks, tasks));
      const last = tasks[marks.at(-1)?.number ?? 0];
      assert.equal(
        complaint,
        undefined,
        `after a host was killed during ${JSON.stringify(last)} (seed ${this.parameters.seed}): ${complaint}`,
      );
    }
  },
);
