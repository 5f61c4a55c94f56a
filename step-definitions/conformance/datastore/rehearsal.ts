import { reasonOf } from "pagurus";
import type { LayerUnderTest } from "../layer-under-test.ts";
import type { Kit } from "../world.ts";
import { wrongIn } from "./content.ts";
import { perform, type Turn, textOf } from "./operations.ts";

/** How often fewer operations are tried in the search for the fewest that fail. */
const mostTries = 150;

/** Plays planned operations on fresh layers, and finds the fewest that fail. */
export class Rehearsal {
  /** What went wrong after which operations; `undefined` where nothing did. */
  failure: string | undefined;
  readonly #kit: Kit;
  #played = 0;

  constructor(kit: Kit) {
    this.#kit = kit;
  }

  async play(turns: readonly Turn[], sizeBytes: number): Promise<void> {
    const first = await this.#wrongAfter(turns, sizeBytes);
    if (first === undefined) return;
    const few = await this.#fewer({ ...first, turns: turns.slice(0, first.after) }, sizeBytes);
    // One by one, where what was at once made no difference.
    const alone = few.turns.flatMap((turn) => turn.map((operation): Turn => [operation]));
    const again = await this.#wrongAfter(alone, sizeBytes);
    const fewest = again
      ? await this.#fewer({ ...again, turns: alone.slice(0, again.after) }, sizeBytes)
      : few;
    const steps = fewest.turns.map((turn, index) => `  ${index + 1}. ${turn.map(textOf).join(", at once ")}`);
    this.failure = `${fewest.wrong}, after these operations on a new layer of ${sizeBytes} B:\n${steps.join("\n")}`;
  }

  /** Leaves out ever smaller parts as long as what is left still fails. */
  async #fewer(failing: Failing, sizeBytes: number): Promise<Failing> {
    let best = failing;
    let tries = 0;
    for (let part = Math.ceil(best.turns.length / 2); tries < mostTries; ) {
      let smaller = false;
      for (let from = 0; from < best.turns.length && tries < mostTries; tries++) {
        const left = best.turns.toSpliced(from, part);
        const again = left.length > 0 ? await this.#wrongAfter(left, sizeBytes) : undefined;
        if (again) best = { ...again, turns: left.slice(0, again.after) };
        else from += part;
        smaller ||= again !== undefined;
      }
      if (part === 1 && !smaller) break;
      part = Math.max(1, Math.floor(part / 2));
    }
    return best;
  }

  /** What is wrong after how many of the turns. */
  async #wrongAfter(turns: readonly Turn[], sizeBytes: number): Promise<Wrong | undefined> {
    const name = `model-${this.#played++}`;
    const layer = this.#kit.layer(name, sizeBytes);
    await layer.create();
    await layer.open();
    try {
      return await wrongTurn(layer, turns);
    } finally {
      await layer.close();
      await this.#kit.datastore.remove(layer.name);
      this.#kit.layers.delete(name);
    }
  }
}

interface Wrong {
  readonly wrong: string;
  /** How many turns it takes. */
  readonly after: number;
}

interface Failing {
  readonly wrong: string;
  readonly turns: readonly Turn[];
}

const wrongTurn = async (layer: LayerUnderTest, turns: readonly Turn[]): Promise<Wrong | undefined> => {
  for (const [index, turn] of turns.entries()) {
    const results = await Promise.allSettled(turn.map((operation) => perform(layer, operation)));
    const failed = results.find((result) => result.status === "rejected");
    if (failed) return { after: index + 1, wrong: reasonOf(failed.reason) };
  }
  const wrong = await wrongIn(layer);
  return wrong === undefined ? undefined : { after: turns.length, wrong };
};
